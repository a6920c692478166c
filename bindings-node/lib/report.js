'use strict';
/**
 * Report: what became of a queue's events since the last report.
 */

/** Counts since the last report, and what is pending as of now; frozen. */
class Report {
  /** @param {string} text the core's */
  constructor(text) {
    const told = JSON.parse(text);
    this.delivered = told.Delivered;
    this.accepted = told.Accepted;
    this.stored = told.Stored;
    this.pending = told.Pending;
    this.dropped = Object.freeze(told.Dropped.map(dropped));
    this.droppedTotal = told.DroppedTotal;
    this.lastError = told.LastError;
    Object.freeze(this);
  }

  toJSON() {
    return {
      Delivered: this.delivered,
      Accepted: this.accepted,
      Stored: this.stored,
      Pending: this.pending,
      Dropped: this.dropped.map((/** @type {any} */ { uuid, reason, message }) => ({ Uuid: uuid, Reason: reason, Message: message })),
      DroppedTotal: this.droppedTotal,
      LastError: this.lastError,
    };
  }
}

/** One event that was dropped. @param {{ Uuid: string, Reason: string, Message: string }} told */
function dropped({ Uuid, Reason, Message }) {
  return Object.freeze({ uuid: Uuid, reason: Reason, message: Message });
}

module.exports = { Report, dropped };
