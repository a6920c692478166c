'use strict';
/**
 * Options: from this package's spelling to the JSON boundary's, and errors back.
 */

const { catalogue } = require('./native.js');
const { ConfigError } = require('./errors.js');
const { valueText } = require('./values.js');

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

/**
 * Refuses what is no object of options, and any name that is none of these.
 *
 * @param {unknown} options
 * @param {string[]} names
 * @returns {asserts options is object}
 */
function checkNames(options, names) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigError('options', 'must be an object of options');
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  if (queueSpellings.has(unknown)) throw new ConfigError(unknown, 'is an option of queues: client.queue({ ... })');
  throw new ConfigError(unknown, `is no option; the options are ${names.join(', ')}`);
}

/**
 * The options as text for the core.
 *
 * @param {unknown} options
 * @param {string[]} others names that somebody else reads
 * @param {Record<string, unknown>} [more] options given apart, which win
 * @param {Map<string, string>} [known] what options there are
 * @returns {string}
 */
function optionsText(options, others, more = {}, known = spellings) {
  checkNames(options, [...known.keys(), ...others]);
  const members = [];
  for (const [name, value] of Object.entries({ ...options, ...more })) {
    if (others.includes(name)) continue;
    if (value === undefined) continue;
    const { text, notes } = valueText(value, name);
    const [, path = '', found] = notes;
    if (text === undefined || notes.length > 0) {
      const place = path === name ? '' : `${path.slice(name.length + 1)}: `;
      throw new ConfigError(name, `${place}cannot be ${found}`);
    }
    members.push(`${JSON.stringify(known.get(name))}:${text}`);
  }
  return `{${members.join(',')}}`;
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

module.exports = { OWN_OPTIONS, camelCase, checkNames, configured, optionsText, queueSpellings };
