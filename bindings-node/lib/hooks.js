'use strict';
/**
 * `beforeSend`: the caller's hooks as one function from text to text, which the core runs on this thread.
 */

const { ConfigError, describe } = require('./errors.js');
const { valueText } = require('./values.js');

/**
 * @param {unknown} beforeSend a function or a list of them
 * @returns {((text: string) => { event: string } | { failure: string } | null) | undefined}
 */
function hookChain(beforeSend) {
  if (beforeSend === undefined || beforeSend === null) return undefined;
  const hooks = Array.isArray(beforeSend) ? [...beforeSend] : [beforeSend];
  if (!hooks.every((hook) => typeof hook === 'function')) {
    throw new ConfigError('beforeSend', 'must be a function or a list of functions');
  }
  if (hooks.length === 0) return undefined;
  return (text) => {
    try {
      return run(hooks, JSON.parse(text));
    } catch (thrown) {
      return { failure: describe(thrown) };
    }
  };
}

/** @param {Function[]} hooks @param {unknown} event */
function run(hooks, event) {
  for (const hook of hooks) {
    event = hook(event);
    if (event === undefined || event === null) return null;
    if (typeof (/** @type {any} */ (event).then) === 'function') {
      // Nobody will look at it any more, so it must not count as unhandled.
      Promise.resolve(event).catch(() => {});
      return { failure: 'it returned a promise; hooks answer at once' };
    }
  }
  const { text, notes } = valueText(event, 'event');
  const refused = notes.findIndex((code, index) => index % 3 === 0 && code !== 'value_omitted');
  if (refused >= 0) return { failure: `it returned an event in which ${notes[refused + 1]} is ${notes[refused + 2]}` };
  return { event: text ?? 'null' };
}

module.exports = { hookChain };
