'use strict';
/**
 * Line: what a {@link Queue} consists of. Apart from it, so that a queue nobody holds any more can be noticed and delivered.
 */

const { memory } = require('./plain.js');
const { configured, optionsText, queueSpellings, readOptions } = require('./options.js');
const { QueueHooks, QUEUE_HOOKS } = require('./queue_hooks.js');
const { Report } = require('./report.js');

/** Every line of this thread that is not closed. @type {Set<Line>} */
const open = new Set();
let isWatching = false;

class Line {
  /**
   * @param {any} client the native one
   * @param {import('./pending.js').Pending} pending
   * @param {unknown} options
   * @param {boolean} isCarried whether the client has a transport of the caller's
   */
  constructor(client, pending, options, isCarried) {
    const given = readOptions(options, [...queueSpellings.keys(), ...QUEUE_HOOKS]);
    const text = optionsText(given, queueSpellings);
    const hooks = new QueueHooks(given);
    const setup = { options: text, hooks: [...hooks.hooks.keys()], carried: isCarried, memory };
    // The addon holds on to it, so it must not hold the line, nor the hooks, which may hold their own queue.
    const weak = new WeakRef(hooks);
    const tell = setup.hooks.length > 0 ? (/** @type {string[]} */ notices) => weak.deref()?.tell(notices) : undefined;
    this.native = configured(() => client.queue(setup, tell), queueSpellings);
    this.hooks = hooks;
    this.pending = pending;
    open.add(this);
    watch();
  }

  /** @param {number} timeoutMs @returns {Promise<Report>} */
  flush(timeoutMs) {
    return this.#answered((number) => this.native.flush(number, timeoutMs));
  }

  /** @param {number | undefined} timeoutMs @returns {Promise<Report>} */
  close(timeoutMs) {
    open.delete(this);
    return this.#answered((number) => this.native.close(number, timeoutMs));
  }

  /** @param {number | undefined} timeoutMs */
  closeSync(timeoutMs) {
    open.delete(this);
    const report = new Report(this.native.closeSync(timeoutMs));
    this.tell();
    return report;
  }

  /** Tells the hooks what there is to tell, without waiting for the event loop. */
  tell() {
    this.hooks.tell(this.native.takeNotices());
  }

  /** @param {(number: number) => void} ask @returns {Promise<Report>} */
  #answered(ask) {
    return new Promise((resolve, reject) => {
      const number = this.pending.add((text) => {
        // First the hooks, so that whoever waits for the report knows that they were told.
        this.tell();
        resolve(new Report(text));
      });
      try {
        ask(number);
      } catch (error) {
        this.pending.forget(number);
        reject(error);
      }
    });
  }
}

/** Delivers what is left when this thread has nothing else to do: on a normal end, not after `process.exit` or an exception. */
function watch() {
  if (isWatching) return;
  isWatching = true;
  process.on('beforeExit', () => [...open].forEach((line) => line.close(undefined)));
}

/** Queues nobody holds any more are closed in the background. @type {FinalizationRegistry<Line>} */
const abandoned = new FinalizationRegistry((line) => {
  if (open.has(line)) line.close(undefined);
});

module.exports = { Line, abandoned };
