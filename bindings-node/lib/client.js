'use strict';
/**
 * Client: promises over the native client.
 */

const { debuglog, inspect } = require('node:util');
const { native } = require('./native.js');
const { ConfigError, internalOutcome } = require('./errors.js');
const { isObject, kindOf } = require('./kinds.js');
const { batchItems, callInput, operationInput } = require('./operations.js');
const { OWN_OPTIONS, configured, optionsText, readOptions, spellings } = require('./options.js');
const { Outcome } = require('./outcome.js');
const { Pending } = require('./pending.js');

/** For our own tests: makes the native side panic in the middle of a call. */
const provokePanic = Symbol('hogwire.provokePanic');
/** Says that a constructor call comes from `fromEnv`. */
const FROM_ENVIRONMENT = Symbol('hogwire.fromEnvironment');

/** Silent unless NODE_DEBUG names it. */
const log = debuglog('hogwire');

/** An outcome, once the log has it. @param {any} told */
function outcomeOf(told) {
  const outcome = new Outcome(told);
  const { errorCode, delivery, originalStatusCode, attempts, eventUuid, errorMessage } = outcome;
  const why = outcome.ok ? '' : `: ${errorMessage}`;
  log('%s: %s, status %d, attempts %d, event %s%s', errorCode, delivery, originalStatusCode, attempts, eventUuid, why);
  return outcome;
}

/** What `fromEnv` reads, as this thread sees it: the addon sees the process's. */
function environment() {
  const { POSTHOG_API_KEY = '', POSTHOG_HOST = '' } = process.env;
  return { POSTHOG_API_KEY, POSTHOG_HOST };
}

/** Sends calls and answers each with an {@link Outcome}. */
class Client {
  #native;
  #hook;
  #carry;
  #pending = new Pending();

  /**
   * @param {unknown} apiKey
   * @param {unknown} [options]
   * @param {symbol} [from]
   */
  constructor(apiKey, options = {}, from = undefined) {
    const fromEnvironment = from === FROM_ENVIRONMENT;
    const names = [...spellings.keys(), ...OWN_OPTIONS];
    // Beside the first argument, one of two keys would be passed over in silence.
    const given = readOptions(options, fromEnvironment ? names : names.filter((name) => name !== 'apiKey'));
    if (isObject(apiKey)) throw new ConfigError('apiKey', `must be text, not ${kindOf(apiKey)}: new Client('phc_...', { host })`);
    const text = optionsText(fromEnvironment ? given : { ...given, apiKey });
    const { beforeSend, transport } = given;
    // Read with the first hook and the first transport, like a queue's files.
    this.#hook = beforeSend === undefined ? undefined : require('./hooks.js').hookChain(beforeSend);
    this.#carry = transport === undefined ? undefined : require('./transport.js').carrier(transport);
    const carry = this.#carry && require('./transport.js').weakly(this.#carry);
    const { deliver } = this.#pending;
    const hasHook = this.#hook !== undefined;
    const read = fromEnvironment ? environment() : undefined;
    this.#native = configured(() => native.outside(() => new native.NativeClient(text, read, hasHook, deliver, carry)));
  }

  /** @param {unknown} [options] */
  static fromEnv(options = {}) {
    return new this(undefined, options, FROM_ENVIRONMENT);
  }

  /** @param {unknown} parameters */
  async createAlias(parameters) {
    return this.#call('alias', parameters);
  }

  /** @param {unknown} parameters */
  async createEvent(parameters) {
    return this.#call('event', parameters);
  }

  /** @param {unknown} parameters */
  async createIdentity(parameters) {
    return this.#call('identity', parameters);
  }

  /** @param {unknown} parameters */
  async identifyGroup(parameters) {
    return this.#call('group', parameters);
  }

  /** @param {unknown} parameters */
  async trackPage(parameters) {
    return this.#call('page', parameters);
  }

  /** @param {unknown} parameters */
  async trackScreen(parameters) {
    return this.#call('screen', parameters);
  }

  /**
   * @param {string} operation
   * @param {unknown} input
   */
  async execute(operation, input) {
    return this.#submit(operation, operationInput(operation, input));
  }

  /**
   * @param {unknown} operations
   * @returns {Promise<Outcome[]>}
   */
  async sendBatch(operations) {
    const items = batchItems(operations);
    return this.#answered(
      (number) => this.#native.submitBatch(number, items, this.#hook),
      (outcomes) => outcomes.map(outcomeOf),
      (outcome) => `[${items.map(() => outcome)}]`,
    );
  }

  /** @param {unknown} [options] */
  queue(options = {}) {
    // Read with the first queue, not with the first client.
    const { Queue } = require('./queue.js');
    const { QueueState } = require('./queue_state.js');
    return new Queue(new QueueState(this.#native, this.#pending, options, this.#carry), this.#hook);
  }

  optOut() {
    this.#native.optOut();
  }

  optIn() {
    this.#native.optIn();
  }

  async close() {
    this.#native.close();
    await this.#pending.empty();
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close();
  }

  /** What consoles show: where it sends, and never the api key. @param {number} _depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](_depth, options) {
    // The prototype has no client behind it.
    return #native in this ? `Client ${inspect({ host: this.#native.host() }, options)}` : this;
  }

  [provokePanic]() {
    return this.#submit('event', { text: '{}', notes: ['panic', '', ''] });
  }

  /** @param {string} operation @param {unknown} parameters */
  #call(operation, parameters) {
    return this.#submit(operation, callInput(operation, parameters));
  }

  /** @param {string} operation @param {import('./operations.js').Written} input @returns {Promise<Outcome>} */
  #submit(operation, { text, notes }) {
    return this.#answered(
      (number) => this.#native.submit(number, operation, text, notes, this.#hook),
      outcomeOf,
      (outcome) => outcome,
    );
  }

  /**
   * @template T
   * @param {(number: number) => void} ask
   * @param {(told: any) => T} read the answer, parsed
   * @param {(outcome: string) => string} lost the answer's text when asking fails, made of an outcome's
   * @returns {Promise<T>}
   */
  #answered(ask, read, lost) {
    return new Promise((resolve) => {
      const number = this.#pending.add((text) => resolve(read(JSON.parse(text))), this.#carry);
      try {
        ask(number);
      } catch (error) {
        this.#pending.settle(number, lost(internalOutcome(error)));
      }
    });
  }
}

module.exports = { Client, provokePanic };
