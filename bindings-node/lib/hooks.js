'use strict';
/**
 * `beforeSend`: the caller's hooks as one function from text to text, which the core runs on this thread.
 */

const { types } = require('node:util');
const { ConfigError, describe } = require('./errors.js');
const { isObject, kindOf } = require('./kinds.js');
const { native } = require('./native.js');
const { firstRefusal, valueText } = require('./values.js');

const AT_ONCE = 'a hook answers at once, with the event or null';

/**
 * @param {unknown} beforeSend a function or a list of them
 * @returns {((text: string) => { event: string } | { failure: string } | null) | undefined}
 */
function hookChain(beforeSend) {
  if (beforeSend === undefined || beforeSend === null) return undefined;
  const hooks = Array.isArray(beforeSend) ? [...beforeSend] : [beforeSend];
  const other = hooks.findIndex((hook) => typeof hook !== 'function');
  if (other >= 0) throw new ConfigError('beforeSend', `must be a function or a list of functions, not ${kindOf(hooks[other])}`);
  // Each of its answers would be a promise, and drop the event.
  if (hooks.some((hook) => types.isAsyncFunction(hook))) throw new ConfigError('beforeSend', `must not be async: ${AT_ONCE}`);
  if (hooks.length === 0) return undefined;
  return (text) => {
    try {
      return run(hooks, parsed(text));
    } catch (thrown) {
      return { failure: describe(thrown) };
    }
  };
}

/** In JSON text: strings, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * The event as the hooks see it; integers that a number cannot hold are bigints.
 *
 * @param {string} text
 */
function parsed(text) {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const bigint = markFor(text);
  const marked = text.replace(TOKENS, (token) => {
    const isExact = !/^-?\d{16,}$/.test(token) || Number.isSafeInteger(Number(token));
    return isExact ? token : `"${bigint}${token}"`;
  });
  const reviver = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === 'string' && value.startsWith(bigint) ? BigInt(value.slice(bigint.length)) : value;
  return JSON.parse(marked, reviver);
}

/**
 * A mark to put before a number that is to be a bigint, which occurs nowhere in the text. It has only characters that the core never escapes,
 * so that the text cannot hold it unseen, and is random, so that no text can be made to hold many such marks.
 *
 * @param {string} text
 */
function markFor(text) {
  let mark = ':';
  while (text.includes(mark)) mark = `${Math.random()}${mark}`;
  return mark;
}

/** @param {Function[]} hooks @param {unknown} event */
function run(hooks, event) {
  for (const hook of hooks) {
    event = hook(event);
    if (event === undefined || event === null) return null;
    if (typeof (/** @type {any} */ (event).then) === 'function') {
      // Nobody will look at it any more, so it must not count as unhandled.
      Promise.resolve(event).catch(() => {});
      return { failure: `it returned a promise; ${AT_ONCE}` };
    }
    if (!isObject(event) || Array.isArray(event)) return noEvent(event);
  }
  const { text = '', notes } = valueText(event, 'event');
  const refusal = firstRefusal(notes);
  // An object may still become something else, by its toJSON.
  if (refusal === undefined) return text.startsWith('{') ? { event: text } : noEvent(event);
  const { path, found } = refusal;
  return path === 'event' ? noEvent(event) : { failure: `it returned an event in which ${native.shortened(path)} is ${found}` };
}

/** @param {unknown} returned */
function noEvent(returned) {
  return { failure: `it returned ${kindOf(returned)}; return the event or null` };
}

module.exports = { hookChain };
