'use strict';
/**
 * Plain: the quick way of an input to the addon, for inputs that hold nothing unusual. Every value becomes a mark, a number that says what
 * the value is and how long, and all texts are joined into one, so that nothing is escaped or parsed on the way. `src/plain.rs` reads it.
 *
 * It calls no value wrong: an input that it does not take goes the thorough way.
 */

const { catalogue } = require('./native.js');
const { tables } = require('./operations.js');
const { isPlainObject } = require('./values.js');

/** What a mark says, in its lower four bits; above them is a length in UTF-16 units, or the parameter's number. */
const PARAMETER = 0;
const KEY = 1;
const TEXT = 2;
/** The two marks that follow are the number's bits. */
const INTEGER = 3;
const FLOAT = 4;
const FALSE = 5;
const TRUE = 6;
const NULL = 7;
const OBJECT = 8;
const OBJECT_END = 9;
const ARRAY = 10;
const ARRAY_END = 11;
const LENGTH_BITS = 4;

const MAX_MARKS = 16_384;
const MAX_BYTES = 1_024 * 1_024;
/** No UTF-16 unit takes more. */
const BYTES_PER_UNIT = 3;
/** UTF-16 units up to which text is joined before it is written: V8 takes several times as long for each piece of a long text. */
const MAX_JOINED = 4_096;
/** Containers inside one another, below the parameters. */
const MAX_DEPTH = 8;

/** Memory that the addon looks into, once for all calls: first the marks, then the text in UTF-8. */
const memory = new Uint8Array(MAX_MARKS * Uint32Array.BYTES_PER_ELEMENT + MAX_BYTES);
const marks = new Uint32Array(memory.buffer, 0, MAX_MARKS);
const bytes = Buffer.from(memory.buffer, marks.byteLength, MAX_BYTES);

const number = new Float64Array(1);
const numberBits = new Uint32Array(number.buffer);

/**
 * A parameter's number for the addon. Groups have none: their keys must keep every digit, which the quick way does not check.
 *
 * @param {string} parameter in PascalCase
 */
const numberOf = (parameter) => (parameter === 'Groups' ? undefined : catalogue.parameters.indexOf(parameter));

const camelCaseNumbers = tables(([camelCase, pascalCase]) => [camelCase, numberOf(pascalCase)]);
const pascalCaseNumbers = tables(([, pascalCase]) => [pascalCase, numberOf(pascalCase)]);

let count = 0;
/** Bytes of text in the memory. */
let written = 0;
let isWriting = false;

/**
 * Writes an input into the memory.
 *
 * @param {unknown} parameters
 * @param {Record<string, number | undefined>} numbers what the caller calls each parameter, and its number for the addon
 * @returns {{ marks: number, bytes: number } | undefined} how much was written; undefined: take the other way
 */
function writePlain(parameters, numbers) {
  // A getter may push an event of its own while its object is read.
  if (isWriting) return undefined;
  isWriting = true;
  count = 0;
  written = 0;
  try {
    if (!isPlainObject(parameters) || !hasUsualPrototypes()) return undefined;
    const text = withValue('', parameters, 0, numbers);
    if (text === undefined || isFull(text)) return undefined;
    write(text);
    return { marks: count, bytes: written };
  } catch {
    return undefined;
  } finally {
    isWriting = false;
  }
}

/** Whether there is more than the memory holds. @param {string} text */
function isFull(text) {
  return count > MAX_MARKS || text.length * BYTES_PER_UNIT > MAX_BYTES - written;
}

/** @param {string} text */
function write(text) {
  written += bytes.write(text, written);
}

/** What the next text is joined to: nothing, once there is enough to be written. @param {string} text */
function joinable(text) {
  if (text.length <= MAX_JOINED && count <= MAX_MARKS) return text;
  if (isFull(text)) return undefined;
  write(text);
  return '';
}

/** Whether every object has just the properties it was given. */
function hasUsualPrototypes() {
  for (const _ in Object.prototype) return false;
  return !('toJSON' in Array.prototype);
}

/** @param {number} kind @param {number} length */
function mark(kind, length) {
  marks[count] = (length << LENGTH_BITS) | kind;
  count += 1;
}

/**
 * Marks a value, and gives the text that is still to be written, with the value's own at its end.
 *
 * The text is passed from call to call, because one that is kept in a variable outside must be reported to the garbage collector at every
 * step. And one function does everything, because several that call each other are compiled into each other, which takes a short program
 * more time than its events.
 *
 * @param {string} before
 * @param {unknown} value
 * @param {number} depth
 * @param {Record<string, number | undefined>} [numbers] of a call's parameters: the number of each for the addon
 * @returns {string | undefined} undefined: take the other way
 */
function withValue(before, value, depth, numbers) {
  let text = joinable(before);
  if (text === undefined) return undefined;
  switch (typeof value) {
    case 'string':
      mark(TEXT, value.length);
      return text + value;
    case 'number':
      return markNumber(value) ? text : undefined;
    case 'boolean':
      mark(value ? TRUE : FALSE, 0);
      return text;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) {
    mark(NULL, 0);
    return text;
  }
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype || 'toJSON' in value) return undefined;
    mark(ARRAY, 0);
    for (let index = 0; index < value.length; index += 1) {
      text = withValue(text, value[index], depth + 1);
      if (text === undefined) return undefined;
    }
    mark(ARRAY_END, 0);
    return text;
  }
  if (!isPlainObject(value)) return undefined;
  if (numbers === undefined) mark(OBJECT, 0);
  for (const key in value) {
    const member = value[key];
    if (numbers === undefined) {
      mark(KEY, key.length);
      text += key;
    } else {
      const number = numbers[key];
      if (number === undefined) return undefined;
      if (member === undefined) continue;
      mark(PARAMETER, number);
    }
    text = withValue(text, member, depth + 1);
    if (text === undefined) return undefined;
  }
  if (numbers === undefined) mark(OBJECT_END, 0);
  return text;
}

/** @param {number} value */
function markNumber(value) {
  const isInteger = Math.floor(value) === value;
  // NaN is not finite either, and an integer that is too large may have lost digits.
  if (isInteger ? !Number.isSafeInteger(value) : !Number.isFinite(value)) return false;
  number[0] = value;
  mark(isInteger ? INTEGER : FLOAT, 0);
  marks[count] = numberBits[0];
  marks[count + 1] = numberBits[1];
  count += 2;
  return true;
}

module.exports = { camelCaseNumbers, memory, pascalCaseNumbers, writePlain };
