'use strict';
/**
 * Receipt: what is known of a queued event at once.
 */

const { NONE, findings, inPascalCase } = require('./outcome.js');

/** What became of handing one event to a queue; frozen. */
class Receipt {
  /** @param {string} text the core's JSON text, or the uuid alone of an event that is queued without more to say */
  constructor(text) {
    const isTold = text.startsWith('{');
    const told = isTold ? JSON.parse(text) : undefined;
    this.eventUuid = isTold ? told.EventUuid : text;
    this.queued = isTold ? told.Queued : true;
    this.errorCode = isTold ? told.ErrorCode : 'ok';
    this.errorMessage = isTold ? told.ErrorMessage : '';
    this.findings = isTold ? findings(told.Findings) : NONE;
    this.warnings = isTold ? findings(told.Warnings) : NONE;
    Object.freeze(this);
  }

  /** Whether the event is in the queue, under the name outcomes have for success. */
  get ok() {
    return this.queued;
  }

  toJSON() {
    return {
      EventUuid: this.eventUuid,
      Queued: this.queued,
      ErrorCode: this.errorCode,
      ErrorMessage: this.errorMessage,
      Findings: this.findings.map(inPascalCase),
      Warnings: this.warnings.map(inPascalCase),
    };
  }
}

module.exports = { Receipt };
