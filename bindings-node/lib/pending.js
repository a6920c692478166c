'use strict';
/**
 * Pending: the promises of one client, by the number of their call, and of its queues.
 */

class Pending {
  constructor() {
    /** @type {Map<number, { settle: (text: string) => void, held: unknown }>} */
    this.promises = new Map();
    /** @type {(() => void)[]} */
    this.waiting = [];
    this.lastNumber = 0;
    // The addon holds this function, so it must not refer to the client: a client that nobody uses any more has to be collected.
    this.deliver = (/** @type {number[]} */ numbers, /** @type {string[]} */ texts) => {
      numbers.forEach((number, index) => this.settle(number, /** @type {string} */ (texts[index])));
    };
  }

  /**
   * @param {(text: string) => void} settle gets the answer's JSON text
   * @param {unknown} [held] what the answer needs, kept until it is there
   */
  add(settle, held) {
    // More than 4,294,967,295 calls are never pending, so a number is free again when its turn comes.
    this.lastNumber = (this.lastNumber + 1) >>> 0;
    this.promises.set(this.lastNumber, { settle, held });
    return this.lastNumber;
  }

  /** @param {number} number @param {string} text */
  settle(number, text) {
    const promise = this.promises.get(number);
    this.forget(number);
    promise?.settle(text);
  }

  /** @param {number} number */
  forget(number) {
    this.promises.delete(number);
    if (this.promises.size === 0) this.waiting.splice(0).forEach((resume) => resume());
  }

  /** @returns {Promise<void>} */
  async empty() {
    if (this.promises.size > 0) await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
  }
}

module.exports = { Pending };
