'use strict';
/**
 * Kinds: what a value of the caller's is, for decisions and for sentences.
 */

const { types } = require('node:util');

/** Integers of more digits are not written out. */
const LONG = 10n ** 30n;
/** Characters of a class's name. */
const LONGEST_NAME = 60;

/** @param {unknown} value @returns {value is object} */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/** @param {object} object */
function isBinary(object) {
  return ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object);
}

/** @param {object} object */
function isInvalidDate(object) {
  return types.isDate(object) && Number.isNaN(Date.prototype.getTime.call(object));
}

/** Objects that `JSON.stringify` would write as `{}` or as rubbish, losing what they hold. @param {object} object */
function isUnwritable(object) {
  if (Array.isArray(object)) return false;
  return (
    isBinary(object) ||
    types.isNativeError(object) ||
    // An error, too, such as fetch's AbortError; Node 20 does not call it a native one.
    /** @type {any} */ (object)[Symbol.toStringTag] === 'DOMException' ||
    types.isRegExp(object) ||
    types.isPromise(object) ||
    types.isWeakMap(object) ||
    types.isWeakSet(object) ||
    // Map, Set, URLSearchParams, Headers, generators.
    typeof (/** @type {any} */ (object)[Symbol.iterator]) === 'function'
  );
}

/** Whether it is an object that may hold parameters by name; may throw what the object does. @param {unknown} value @returns {value is object} */
function isInput(value) {
  return isObject(value) && !Array.isArray(value) && !types.isDate(value) && !isUnwritable(value);
}

/** What to call an object in a sentence: a Map, an Error. @param {object} object */
function nameOf(object) {
  const { constructor } = object;
  const name = typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name.slice(0, LONGEST_NAME)}`;
}

/**
 * What to call any value in a sentence: null, 5, 5n, text, a list, a Promise, a function. Never throws.
 *
 * @param {unknown} value
 * @returns {string}
 */
function kindOf(value) {
  try {
    if (Array.isArray(value)) return 'a list';
    if (isObject(value)) return nameOf(value).replace(/^an Object$/, 'an object');
  } catch {
    return 'an object that cannot be read';
  }
  if (typeof value === 'string') return 'text';
  // Longer ones nobody reads, and to write the longest takes minutes.
  if (typeof value === 'bigint') return value > -LONG && value < LONG ? `${value}n` : 'a BigInt';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

module.exports = { isBinary, isInput, isInvalidDate, isObject, isUnwritable, kindOf, nameOf };
