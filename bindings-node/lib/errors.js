'use strict';
/**
 * Errors that are thrown: misuse of the API itself. What happens to an event is an outcome, never one of these.
 */

const { native } = require('./native.js');

/** A wrong option; `option` names it as this package spells it. As the core's own, it repeats no key that was put in a wrong place. */
class ConfigError extends Error {
  /**
   * @param {string} option
   * @param {string} problem
   */
  constructor(option, problem) {
    const [shownOption, shownProblem] = [option, problem].map(native.withoutKeys);
    super(`${shownOption}: ${shownProblem}`);
    this.option = shownOption;
    this.problem = shownProblem;
  }
}
Object.defineProperty(ConfigError.prototype, 'name', { value: 'ConfigError', configurable: true, writable: true });

/**
 * What a thrown value says, whatever it is: reading it may throw, too.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
function describe(thrown) {
  try {
    const { message, name } = /** @type {any} */ (thrown ?? {});
    if (typeof message === 'string' && message !== '') {
      return typeof name === 'string' && name !== 'Error' ? `${name}: ${message}` : message;
    }
    return String(thrown);
  } catch {
    return 'something that cannot be read was thrown';
  }
}

module.exports = { ConfigError, describe };
