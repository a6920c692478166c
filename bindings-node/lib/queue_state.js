'use strict';
/**
 * Queue state: what a {@link Queue} consists of. An object of its own, so that it can be closed when the garbage collector has found that
 * nobody holds the queue any more.
 *
 * The caller's hooks and transport may refer to their queue. If they were always held here, the collector would never find it. So the queue
 * holds them, and its state only while they are owed something: from a push until everything was delivered and told. Whether that is so is
 * looked at after a run of the garbage collector. Before one, the memory could not be freed anyway; and so neither pushes nor deliveries
 * have to be counted.
 */

const { native } = require('./native.js');
const { memory } = require('./plain.js');
const { QUEUE_HOOKS, configured, optionsText, queueSpellings, readOptions } = require('./options.js');
const { QueueHooks } = require('./queue_hooks.js');
const { Report } = require('./report.js');

/** What of the caller's is needed for delivering. @typedef {{ hooks: QueueHooks, carry: Function | undefined }} Needs */

/** The states of all queues of this thread that are not closed. @type {Set<QueueState>} */
const open = new Set();
let isWatching = false;

class QueueState {
  /**
   * @param {any} client the native one
   * @param {import('./pending.js').Pending} pending
   * @param {unknown} options
   * @param {Function | undefined} carry the client's transport
   */
  constructor(client, pending, options, carry) {
    const given = readOptions(options, [...queueSpellings.keys(), ...QUEUE_HOOKS]);
    const text = optionsText(given, queueSpellings);
    /** The hooks and the transport, while they may still be owed something. @type {Needs | undefined} */
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
    // Outside any AsyncLocalStorage store, as when the event loop tells them.
    native.outside(() => this.#tell());
    return report;
  }

  /** Lets go of the hooks and the transport when they are owed nothing any more. */
  settle() {
    if (this.owed !== undefined && !this.native.owes()) this.owed = undefined;
  }

  #forget() {
    open.delete(this);
    // The registry would hold this state, to which a push that comes too late gives hooks again.
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

/** What the addon calls. The addon holds it for good, so it must hold neither the state nor the hooks. @param {WeakRef<Needs>} needs */
function teller(needs) {
  return (/** @type {string[]} */ notices) => needs.deref()?.hooks.tell(notices);
}

/** Delivers what is left when this thread has nothing else to do: on a normal end, not after `process.exit` or an exception. */
function watch() {
  if (isWatching) return;
  isWatching = true;
  process.on('beforeExit', () => [...open].forEach((state) => state.close(undefined)));
  awaitCollection();
}

/** Queues nobody holds any more are closed in the background. @type {FinalizationRegistry<QueueState>} */
const abandoned = new FinalizationRegistry((state) => state.close(undefined));

/** Called after each run of the garbage collector: each finds the object that {@link awaitCollection} made for it. @type {FinalizationRegistry<undefined>} */
const collections = new FinalizationRegistry(() => {
  open.forEach((state) => state.settle());
  awaitCollection();
});

function awaitCollection() {
  collections.register({}, undefined);
}

module.exports = { QueueState, abandoned };
