'use strict';
/**
 * Options: from this package's spelling to the JSON boundary's, and errors back.
 */

const { catalogue, native } = require('./native.js');
const { ConfigError, describe } = require('./errors.js');
const { isObject, isUnwritable, kindOf } = require('./kinds.js');
const { firstRefusal, valueText } = require('./values.js');

/** @param {string} name */
function camelCase(name) {
  return name.replace(/_[a-z]/g, (letter) => letter.slice(1).toUpperCase());
}

/** @param {string[]} options @returns {Map<string, string>} */
function spellingsOf(options) {
  return new Map(options.map((option) => [camelCase(option), option]));
}

/** The JSON boundary's spelling of each option of ours. */
const spellings = spellingsOf(catalogue.options);
/** The same for queues. */
const queueSpellings = spellingsOf(catalogue.queueOptions);

/** Options that are functions, or of one call only; they do not cross the border as text. */
const OWN_OPTIONS = ['beforeSend', 'transport'];

/** The same of queues. */
const QUEUE_HOOKS = ['onDrop', 'onError', 'onDelivered'];

/** Longer than any time may be; the core says which may be. */
const TOO_LONG_MS = Number.MAX_SAFE_INTEGER;

/**
 * The options, each read once. Refuses what is no plain object, and any name that is none of these.
 *
 * @param {unknown} options
 * @param {string[]} names
 * @returns {Record<string, any>}
 */
function readOptions(options, names) {
  const kind = attempt('options', () => otherKind(options, names));
  if (kind !== undefined) throw new ConfigError('options', `must be a plain object of options, not ${kind}`);
  const object = /** @type {Record<string, any>} */ (options);
  const given = attempt('options', () => Object.keys(object));
  const unknown = given.find((name) => !names.includes(name));
  if (unknown === undefined) return Object.fromEntries(given.map((name) => [name, attempt(name, () => object[name])]));
  if (unknown === 'apiKey') throw new ConfigError(unknown, 'is the first argument of a client, and no option here: new Client(apiKey, { ... })');
  if (queueSpellings.has(unknown) || QUEUE_HOOKS.includes(unknown)) throw new ConfigError(unknown, 'is an option of queues: client.queue({ ... })');
  if (spellings.has(unknown) || OWN_OPTIONS.includes(unknown)) throw new ConfigError(unknown, 'is an option of clients: new Client(apiKey, { ... })');
  throw new ConfigError(unknown, native.unknownOption(unknown, names));
}

/** Reads something of the caller's. @template T @param {string} option @param {() => T} read @returns {T} */
function attempt(option, read) {
  try {
    return read();
  } catch (thrown) {
    throw new ConfigError(option, `could not be read: ${describe(thrown)}`);
  }
}

/**
 * What was given instead of options, for a sentence. Only an object's own properties are read. A promise that nobody awaited, a Map and the
 * like have none, so they are refused: otherwise all the options they were to give would be ignored silently.
 *
 * @param {unknown} options @param {string[]} names @returns {string | undefined} undefined: options
 */
function otherKind(options, names) {
  if (!isObject(options) || Array.isArray(options)) return kindOf(options);
  if (isRoot(Object.getPrototypeOf(options))) return undefined;
  // An instance of a class is accepted when its own properties hold all the options.
  const isInherited = names.some((name) => name in options && !Object.hasOwn(options, name));
  if (Object.keys(options).length > 0 && !isInherited && !isUnwritable(options)) return undefined;
  const kind = kindOf(options);
  return kind === 'an object' ? 'an object that inherits its options' : kind;
}

/** Whether it is the end of a chain of prototypes, of this realm or another. @param {object | null} prototype */
function isRoot(prototype) {
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

/**
 * The options that are the core's, as text for it.
 *
 * @param {Record<string, unknown>} options as {@link readOptions} gives them
 * @param {Map<string, string>} [known] which ones are the core's
 * @returns {string}
 */
function optionsText(options, known = spellings) {
  const members = [];
  for (const [name, value] of Object.entries(options)) {
    const option = known.get(name);
    if (option === undefined || value === undefined) continue;
    const { text, notes } = valueText(isEndless(name, value) ? TOO_LONG_MS : value, name);
    const refusal = firstRefusal(notes);
    if (refusal !== undefined) throw wrongValue(name, option, refusal);
    if (text === undefined || isNegative(name, value)) throw wrongValue(name, option, { found: kindOf(value) });
    members.push(`${JSON.stringify(option)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** Whether it is an infinite time, for which JSON has no form: the core is given one that is too long, and says how long one may be. @param {string} name @param {unknown} value */
function isEndless(name, value) {
  return value === Infinity && name.endsWith('Ms');
}

/** Whether it is a negative time. The core's sentence about one would not name this package's unit. @param {string} name @param {unknown} value */
function isNegative(name, value) {
  return typeof value === 'number' && value < 0 && name.endsWith('Ms');
}

/**
 * The core's sentence about a value that it cannot be given.
 *
 * @param {string} name @param {string} option @param {{ code?: string, path?: string, found: string }} refusal
 */
function wrongValue(name, option, { code = 'invalid_type', path = name, found }) {
  return new ConfigError(name, native.wrongValue(option, code, native.shortened(path.slice(name.length + 1)), found));
}

/**
 * Calls into the addon, with a wrong option as a {@link ConfigError}.
 *
 * @template T
 * @param {() => T} call
 * @param {Map<string, string>} [known] what options there are
 * @returns {T}
 */
function configured(call, known = spellings) {
  try {
    return call();
  } catch (thrown) {
    const { code, message } = /** @type {{ code: string, message: string }} */ (thrown);
    if (code === 'options' || known.has(camelCase(code))) throw new ConfigError(camelCase(code), message);
    throw thrown;
  }
}

module.exports = { OWN_OPTIONS, QUEUE_HOOKS, camelCase, configured, optionsText, queueSpellings, readOptions, spellings };
