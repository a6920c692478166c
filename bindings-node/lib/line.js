'use strict';
/**
 * Line: what a {@link Queue} consists of. Apart from it, so that a queue nobody holds any more can be noticed and delivered.
 *
 * The caller's hooks and transport may refer to their queue. Were they held here, it would never be noticed: the queue itself holds them,
 * and the line only while they are owed something. A push makes it so; whether everything was delivered and told is looked at when the
 * garbage collector has run, because before that nobody misses the memory, and so neither pushes nor deliveries have to count.
 */

const { native } = require('./native.js');
const { memory } = require('./plain.js');
const { QUEUE_HOOKS, configured, optionsText, queueSpellings, readOptions } = require('./options.js');
const { QueueHooks } = require('./queue_hooks.js');
const { Report } = require('./report.js');

/** What delivering needs of the caller's. @typedef {{ hooks: QueueHooks, carry: Function | undefined }} Needs */

/** Every line of this thread that is not closed. @type {Set<Line>} */
const open = new Set();
let isWatching = false;

class Line {
  /**
   * @param {any} client the native one
   * @param {import('./pending.js').Pending} pending
   * @param {unknown} options
   * @param {Function | undefined} carry the client's transport
   */
  constructor(client, pending, options, carry) {
    const given = readOptions(options, [...queueSpellings.keys(), ...QUEUE_HOOKS]);
    const text = optionsText(given, queueSpellings);
    /** What is still owed something, perhaps. @type {Needs | undefined} */
    this.owed = { hooks: new QueueHooks(given), carry };
    const setup = { options: text, hooks: [...this.owed.hooks.hooks.keys()], carried: carry !== undefined, memory };
    const tell = setup.hooks.length > 0 ? teller(new WeakRef(this.owed)) : undefined;
    this.native = configured(() => native.outside(() => client.queue(setup, tell)), queueSpellings);
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
    this.#forget();
    return this.#answered((number) => this.native.close(number, timeoutMs));
  }

  /** @param {number | undefined} timeoutMs */
  closeSync(timeoutMs) {
    this.#forget();
    const report = new Report(this.native.closeSync(timeoutMs));
    // As when the event loop tells them.
    native.outside(() => this.#tell());
    return report;
  }

  /** Lets go of what is owed nothing any more. */
  settle() {
    if (this.owed !== undefined && !this.native.owes()) this.owed = undefined;
  }

  #forget() {
    open.delete(this);
    // It would hold the line, to which a push that comes too late gives hooks again.
    abandoned.unregister(this);
  }

  /** Tells the hooks what there is to tell, without waiting for the event loop. */
  #tell() {
    this.owed?.hooks.tell(this.native.takeNotices());
  }

  /** @param {(number: number) => void} ask @returns {Promise<Report>} */
  #answered(ask) {
    return new Promise((resolve, reject) => {
      const number = this.pending.add((text) => {
        // First the hooks, so that whoever waits for the report knows that they were told.
        this.#tell();
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

/** What the addon calls, which holds on to it: so it must not hold the line or the hooks. @param {WeakRef<Needs>} needs */
function teller(needs) {
  return (/** @type {string[]} */ notices) => needs.deref()?.hooks.tell(notices);
}

/** Delivers what is left when this thread has nothing else to do: on a normal end, not after `process.exit` or an exception. */
function watch() {
  if (isWatching) return;
  isWatching = true;
  process.on('beforeExit', () => [...open].forEach((line) => line.close(undefined)));
  awaitCollection();
}

/** Queues nobody holds any more are closed in the background. @type {FinalizationRegistry<Line>} */
const abandoned = new FinalizationRegistry((line) => line.close(undefined));

/** Called by the garbage collector, each time it has found what nobody ever held. @type {FinalizationRegistry<undefined>} */
const collections = new FinalizationRegistry(() => {
  open.forEach((line) => line.settle());
  awaitCollection();
});

function awaitCollection() {
  collections.register({}, undefined);
}

module.exports = { Line, abandoned };
