'use strict';
/**
 * Errors that are thrown: misuse of the API itself. What happens to an event is an outcome, never one of these.
 */

const { LONGEST_NAME } = require('./kinds.js');
const { native } = require('./native.js');

/** A wrong option; `option` names it as this package spells it. As the core's own, it repeats no key that was put in a wrong place. */
class ConfigError extends Error {
  /**
   * @param {string} option
   * @param {string} problem
   */
  constructor(option, problem) {
    const shownOption = shortened(option);
    const shownProblem = native.withoutKeys(problem);
    super(`${shownOption}: ${shownProblem}`);
    this.option = shownOption;
    this.problem = shownProblem;
  }
}
Object.defineProperty(ConfigError.prototype, 'name', { value: 'ConfigError', configurable: true, writable: true });

/** Characters of what a caller's code says that are repeated: a library's exceptions may quote all that they were given. */
const LONGEST_SAYING = 300;

/**
 * Enough of a long text to recognise it, without keys: these are taken out first, because half of one would not look like a key any more.
 *
 * @param {string} text
 * @param {number} [most] characters
 */
function shortened(text, most = LONGEST_NAME) {
  // A key is shorter than what is looked at here beyond the end.
  const start = native.withoutKeys(text.slice(0, 2 * most + 100));
  return start.length <= most ? start : `${start.slice(0, most - 3)}...`;
}

/**
 * What a thrown value says, whatever it is: reading it may throw, too.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
function describe(thrown) {
  try {
    const { message, name } = /** @type {any} */ (thrown ?? {});
    if (typeof message !== 'string' || message === '') return shortened(String(thrown), LONGEST_SAYING);
    return shortened(typeof name === 'string' && name !== 'Error' ? `${name}: ${message}` : message, LONGEST_SAYING);
  } catch {
    return 'something that cannot be read was thrown';
  }
}

/** The outcome, as the core's text, of a call in which the addon threw: it should not. @param {unknown} thrown @returns {string} */
function internalOutcome(thrown) {
  return native.internalOutcome(`hogwire is at fault, please report it: ${describe(thrown)}`);
}

module.exports = { ConfigError, LONGEST_SAYING, describe, internalOutcome, shortened };
