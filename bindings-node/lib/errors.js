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
    const shownOption = native.shortened(option);
    const shownProblem = native.withoutKeys(problem);
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
    if (typeof message !== 'string' || message === '') return native.retold(String(thrown));
    return native.retold(typeof name === 'string' && name !== 'Error' ? `${name}: ${message}` : message);
  } catch {
    return 'something that cannot be read was thrown';
  }
}

/**
 * Where a thrown value comes from, if it says so.
 *
 * @param {any} thrown
 * @returns {string | undefined}
 */
function stackOf(thrown) {
  try {
    const { stack } = thrown;
    return typeof stack === 'string' ? native.retold(stack) : undefined;
  } catch {
    return undefined;
  }
}

/** The outcome, as the core's text, of a call in which the addon threw: it should not. @param {unknown} thrown @returns {string} */
function internalOutcome(thrown) {
  return native.internalOutcome(`hogwire is at fault, please report it: ${describe(thrown)}`);
}

module.exports = { ConfigError, describe, internalOutcome, stackOf };
