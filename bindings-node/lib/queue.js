'use strict';
/**
 * Queue: takes events at once, delivers them in the background. Made by `Client.queue`.
 */

const { debuglog, inspect } = require('node:util');
const { ConfigError, internalOutcome } = require('./errors.js');
const { kindOf } = require('./kinds.js');
const { callInput, operationInput, operationNumbers } = require('./operations.js');
const { readOptions } = require('./options.js');
const { camelCaseNumbers, pascalCaseNumbers, writePlain } = require('./plain.js');
const { QueueState, abandoned } = require('./queue_state.js');
const { Receipt } = require('./receipt.js');

/** For our own tests: makes the native side panic in the middle of a push. */
const provokePanic = Symbol('hogwire.provokePanic');

/** What a flush waits unless told otherwise. */
const FLUSH_TIMEOUT_MS = 10_000;
/** Longest time that is taken literally: as long as an option may be. */
const LONGEST_MS = 24 * 60 * 60 * 1_000;

/** Silent unless NODE_DEBUG names it. */
const log = debuglog('hogwire');

class Queue {
  #state;
  #needs;
  #hook;

  /** @param {import('./queue_state.js').QueueState} state @param {Function | undefined} hook the client's `beforeSend` */
  constructor(state, hook) {
    // Anything else (a client, perhaps) would be closed as a state is, once nobody has this queue any more.
    if (!(state instanceof QueueState)) throw new TypeError('a queue is made by its client: client.queue({ ... })');
    this.#state = state;
    // The state lets go of them in time.
    this.#needs = state.owed;
    this.#hook = hook;
    abandoned.register(this, state, state);
  }

  /** @param {unknown} parameters */
  createAlias(parameters) {
    return this.#call('alias', parameters);
  }

  /** @param {unknown} parameters */
  createEvent(parameters) {
    return this.#call('event', parameters);
  }

  /** @param {unknown} parameters */
  createIdentity(parameters) {
    return this.#call('identity', parameters);
  }

  /** @param {unknown} parameters */
  identifyGroup(parameters) {
    return this.#call('group', parameters);
  }

  /** @param {unknown} parameters */
  trackPage(parameters) {
    return this.#call('page', parameters);
  }

  /** @param {unknown} parameters */
  trackScreen(parameters) {
    return this.#call('screen', parameters);
  }

  /** @param {string} operation @param {unknown} input */
  execute(operation, input) {
    return this.#pushPlain(operation, input, pascalCaseNumbers) ?? this.#push(operation, operationInput(operation, input));
  }

  /** @param {unknown} [options] */
  async flush(options) {
    return this.#state.flush(timeoutOf(options) ?? FLUSH_TIMEOUT_MS);
  }

  /** @param {unknown} [options] */
  async close(options) {
    return this.#state.close(timeoutOf(options));
  }

  /** @param {unknown} [options] */
  closeSync(options) {
    return this.#state.closeSync(timeoutOf(options));
  }

  stats() {
    return JSON.parse(this.#state.native.stats());
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close();
  }

  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.closeSync();
  }

  /** What consoles show: how many events are still to be delivered. @param {number} _depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](_depth, options) {
    // The prototype has no queue behind it.
    if (!(#state in this)) return this;
    const { events_waiting: waiting, events_in_flight: inFlight } = this.stats();
    return `Queue ${inspect({ pending: waiting + inFlight }, options)}`;
  }

  [provokePanic]() {
    return this.#push('event', { text: '{}', notes: ['panic', '', ''] });
  }

  /** @param {string} operation @param {unknown} parameters */
  #call(operation, parameters) {
    return this.#pushPlain(operation, parameters, camelCaseNumbers) ?? this.#push(operation, callInput(operation, parameters));
  }

  /**
   * The quick way.
   *
   * @param {string} operation @param {unknown} parameters @param {Record<string, Record<string, number | undefined>>} numbers
   * @returns {Receipt | undefined} undefined: take the other way
   */
  #pushPlain(operation, parameters, numbers) {
    // A hook may push events of its own while this one is read, so the memory is not safe from it.
    const known = this.#hook === undefined && typeof operation === 'string' ? numbers[operation] : undefined;
    const plain = known === undefined ? undefined : writePlain(parameters, known);
    if (plain === undefined) return undefined;
    try {
      const told = this.#owing().pushPlain(operationNumbers.get(operation), plain.marks, plain.bytes);
      return told === null ? undefined : receiptOf(told);
    } catch (error) {
      return broken(error);
    }
  }

  /** The native queue, for a push: hooks are owed something from now on. */
  #owing() {
    this.#state.owed = this.#needs;
    return this.#state.native;
  }

  /** @param {string} operation @param {import('./operations.js').Written} input */
  #push(operation, { text, notes }) {
    try {
      return receiptOf(this.#owing().push(operation, text, notes, this.#hook));
    } catch (error) {
      return broken(error);
    }
  }
}

/** A push's receipt. Where nobody looks at it, the log is the only one to hear of an event that was not taken. @param {string} told */
function receiptOf(told) {
  const receipt = new Receipt(told);
  if (!receipt.queued) log('%s: not queued, event %s: %s', receipt.errorCode, receipt.eventUuid, receipt.errorMessage);
  return receipt;
}

/** The receipt of a push that went wrong inside. @param {unknown} error */
function broken(error) {
  const { EventUuid, ErrorCode, ErrorMessage, Findings, Warnings } = JSON.parse(internalOutcome(error));
  return receiptOf(JSON.stringify({ EventUuid, Queued: false, ErrorCode, ErrorMessage, Findings, Warnings }));
}

/** @param {any} options @returns {number | undefined} whole milliseconds */
function timeoutOf(options) {
  if (options === undefined || options === null) return undefined;
  const isObject = typeof options === 'object';
  const timeoutMs = isObject ? readOptions(options, ['timeoutMs']).timeoutMs : options;
  if (timeoutMs === undefined || timeoutMs === null) return undefined;
  if (!isObject || typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    const problem = 'must be a number of milliseconds, 0 or more, given as { timeoutMs: 5_000 }';
    throw new ConfigError('timeoutMs', `${problem}, not ${kindOf(timeoutMs)}`);
  }
  return Math.ceil(Math.min(timeoutMs, LONGEST_MS));
}

module.exports = { Queue, provokePanic };
