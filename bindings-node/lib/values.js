'use strict';
/**
 * Values: what a caller passes, written as JSON text, with notes about what JSON text cannot carry.
 *
 * It judges no event: lengths, required names and nesting are the core's. It only says what JavaScript alone can see: a Date, a cycle,
 * a getter that throws. Nothing in here throws, whatever it is given.
 *
 * Notes are a flat list: code, dotted path, what was found; codes are those of the core's findings and warnings, and at last perhaps
 * `more`, with the number of refusals beyond those.
 */

const { types } = require('node:util');
const { catalogue, native } = require('./native.js');
const { describe } = require('./errors.js');
const { isBinary, isInput, isInvalidDate, isObject, isUnwritable, kindOf, nameOf } = require('./kinds.js');

/** Containers inside one another that are written; the core refuses from 101 on, so deeper ones need no text. */
const MAX_DEPTH = 128;
/** Characters after which nothing more is written; the core refuses far less as too large, and names the largest key. */
const MAX_CHARACTERS = 5_000_000;
/** What a value that stands too deep counts, so that a tree without end is left soon. */
const TOO_DEEP_CHARACTERS = 10_000;
/** Warnings the core keeps of one call. */
const MAX_OMISSIONS = 100;
/**
 * Refusals that are told one by one: as many as the core keeps, and one more for each parameter, because about a whole parameter the core
 * makes its finding later.
 */
const MAX_REFUSALS = 128;

/** A key of no more characters is surely short enough for the core to take it as it is. */
const PLAIN_STEP = 60;

/** What stands in a list for an item that was refused: nothing with it is ever sent. */
const REFUSED_ITEM = '"refused"';

/** In a table of names: a name that is not a parameter, and is read elsewhere. */
const NO_PARAMETER = '';

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;
/** The one number in range whose shortest digits, which JSON writes, are out of it. */
const LEAST_NUMBER = Number(MIN_INTEGER);

/** How deep, and at how many values, the quick way looks before it leaves an input to the thorough way. */
const QUICK_DEPTH = 8;
const QUICK_VALUES = 10_000;
/** Items of a list that it looks at: with a comma each, half a million are more than any event may hold. */
const QUICK_ITEMS = 500_000;

/** Parameters whose numbers are ids: a rounded one would be somebody else's. */
const EXACT_PARAMETERS = new Set(catalogue.idParameters);

/** Parameters that may be a Date, or hold some; of any other, a Date's text would be a strange id or name. */
const DATE_PARAMETERS = new Set(catalogue.dateParameters);

/**
 * The text of an input that holds nothing unusual: the quick way, taken by almost every call.
 *
 * @param {unknown} parameters
 * @param {Record<string, string>} names what the caller calls each parameter, and its name in PascalCase
 * @returns {string | undefined} undefined: look closer with {@link inputText}
 */
function plainInputText(parameters, names) {
  try {
    if (!isPlainObject(parameters)) return undefined;
    /** @type {Record<string, unknown>} */
    const named = {};
    const budget = { values: QUICK_VALUES, characters: MAX_CHARACTERS };
    for (const name in parameters) {
      const value = parameters[name];
      const parameter = names[name];
      if (parameter === undefined) return undefined;
      if (value === undefined || parameter === NO_PARAMETER) continue;
      // Whether a number is exact enough depends on the parameter.
      const usual = typeof value === 'number' ? Number.isSafeInteger(value) : isPlain(value, budget, 0);
      if (!usual) return undefined;
      named[parameter] = value;
    }
    return named.Groups === undefined ? JSON.stringify(named) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns {value is Record<string, unknown>} @param {unknown} value */
function isPlainObject(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Whether `JSON.stringify` writes the value as it is meant, whole and without a word lost: text, finite numbers, booleans, null, and
 * arrays and objects of them.
 *
 * @param {unknown} value @param {{ values: number, characters: number }} budget what may still be looked at @param {number} depth
 * @returns {boolean}
 */
function isPlain(value, budget, depth) {
  budget.values -= 1;
  switch (typeof value) {
    case 'string':
      budget.characters -= value.length;
      return budget.characters >= 0;
    case 'boolean':
      return true;
    case 'number':
      // NaN and the infinities are the numbers that this does not make 0.
      return value - value === 0 && value !== LEAST_NUMBER;
    case 'object':
      if (value === null) return true;
      return depth < QUICK_DEPTH && budget.values >= 0 && isPlainContainer(value, budget, depth + 1);
    default:
      return false;
  }
}

/** @param {object} value @param {{ values: number, characters: number }} budget @param {number} depth */
function isPlainContainer(value, budget, depth) {
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype || 'toJSON' in value) return false;
    for (let index = 0; index < value.length; index += 1) {
      if (index === QUICK_ITEMS || !isPlain(value[index], budget, depth)) return false;
    }
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key in value) {
    if (!isPlain(value[key], budget, depth)) return false;
  }
  return true;
}

/**
 * The text of any input, with notes.
 *
 * @param {unknown} parameters
 * @param {Record<string, string>} names
 * @returns {{ text: string, notes: string[] }}
 */
function inputText(parameters, names) {
  const writer = new Writer();
  if (parameters === undefined || parameters === null) return { text: '{}', notes: writer.notes };
  const text = writer.attempt('Input', () => {
    return isInput(parameters) ? writer.input(parameters, names) : writer.refuse('invalid_json', 'Input', kindOf(parameters));
  });
  return { text: text ?? '{}', notes: writer.allNotes() };
}

/**
 * The text of one value, with notes whose paths start at `path`.
 *
 * @param {unknown} value
 * @param {string} path
 * @returns {{ text: string | undefined, notes: string[] }}
 */
function valueText(value, path) {
  const writer = new Writer();
  const text = writer.value(value, '', path, 0);
  return { text: text && wellFormed(text), notes: writer.notes };
}

/**
 * The first thing that cannot be sent; what JSON leaves out is none.
 *
 * @param {string[]} notes
 */
function firstRefusal(notes) {
  const place = notes.findIndex((code, index) => index % 3 === 0 && code !== 'value_omitted');
  if (place < 0) return undefined;
  const [code, path, found] = /** @type {[string, string, string]} */ (notes.slice(place, place + 3));
  return { code, path, found };
}

/** A key as a step of a path; the core cuts long ones, and makes the empty one visible. @param {string} key */
function step(key) {
  return key !== '' && key.length <= PLAIN_STEP ? key : native.step(key);
}

/** JSON text in which half surrogate pairs, which `JSON.stringify` escapes, are U+FFFD. @param {string} text */
function wellFormed(text) {
  if (!text.includes('\\ud')) return text;
  return text.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}

/** Writes values as `JSON.stringify` does, and notes where that would throw or lose something. */
class Writer {
  constructor() {
    /** @type {string[]} */
    this.notes = [];
    this.refusals = 0;
    this.omissions = 0;
    /** Numbers must be exact integers where they are integers. */
    this.exact = false;
    /** Whether a Date may stand here. */
    this.takesDates = true;
    this.charactersLeft = MAX_CHARACTERS;
    /** The containers around the current value. @type {Set<object>} */
    this.open = new Set();
  }

  /**
   * Notes a value that cannot be sent; it is then left out of the text.
   *
   * @param {string} code @param {string} path @param {string} found @returns {undefined}
   */
  refuse(code, path, found) {
    this.refusals += 1;
    if (this.refusals <= MAX_REFUSALS) this.notes.push(code, path, found);
  }

  /** The notes, and how many refusals there are beyond those. */
  allNotes() {
    const more = this.refusals - MAX_REFUSALS;
    return more > 0 ? [...this.notes, 'more', '', String(more)] : this.notes;
  }

  /** Notes a value that JSON leaves out. @param {string} path @param {string} found @returns {undefined} */
  omit(path, found) {
    this.omissions += 1;
    if (this.omissions <= MAX_OMISSIONS) this.notes.push('value_omitted', path, found);
  }

  /**
   * Runs something of the caller's that may throw. @template T @param {string} path @param {() => T} read
   * @returns {T | undefined}
   */
  attempt(path, read) {
    try {
      return read();
    } catch (thrown) {
      return this.refuse('unreadable_value', path, describe(thrown));
    }
  }

  /** @param {any} parameters @param {Record<string, string>} names @returns {string} */
  input(parameters, names) {
    /** @type {string[]} */
    const members = [];
    for (const name of Object.keys(parameters)) {
      const parameter = names[name];
      if (parameter === undefined) {
        this.refuse('unknown_parameter', name, Object.keys(names).join(' '));
        continue;
      }
      if (parameter === NO_PARAMETER) continue;
      this.exact = EXACT_PARAMETERS.has(parameter);
      this.takesDates = DATE_PARAMETERS.has(parameter);
      const value = this.attempt(parameter, () => parameters[name]);
      // Undefined is "not given" here; inside a value the same is worth a warning.
      const text = value === undefined ? undefined : this.value(value, name, parameter, 0);
      // Libraries' invalid dates (Luxon's, moment's) become null, and the event would silently get the present time.
      if (text === 'null' && parameter === 'Timestamp' && isObject(value)) {
        this.refuse('invalid_timestamp', parameter, `${kindOf(value)} that is no time`);
      }
      if (text !== undefined) members.push(`${JSON.stringify(parameter)}:${text}`);
    }
    return `{${members.join(',')}}`;
  }

  /**
   * @param {unknown} given @param {string} key @param {string} path @param {number} depth
   * @returns {string | undefined} undefined where JSON has no word for it
   */
  value(given, key, path, depth) {
    try {
      const value = isObject(given) ? this.unwrapped(given, key) : given;
      if (isObject(value)) return this.object(value, path, depth);
      const text = this.primitive(value, path);
      if (text !== undefined) this.charactersLeft -= text.length;
      return text;
    } catch (thrown) {
      return this.refuse('unreadable_value', path, describe(thrown));
    }
  }

  /** What `JSON.stringify` takes in an object's place. @param {object} object @param {string} key @returns {unknown} */
  unwrapped(object, key) {
    // Buffers and dates have a toJSON that hides what they are.
    if (isBinary(object) || this.isWrongDate(object)) return object;
    const { toJSON } = /** @type {any} */ (object);
    const value = typeof toJSON === 'function' ? toJSON.call(object, key) : object;
    // JSON would not ask a Date that is given, and write it as {}.
    if (types.isDate(value) && !this.isWrongDate(value)) return Date.prototype.toISOString.call(value);
    if (types.isNumberObject(value)) return Number(value);
    if (types.isStringObject(value)) return String(value);
    if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
    if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value);
    if (types.isSymbolObject(value)) return Symbol.prototype.valueOf.call(value);
    return value;
  }

  /** Whether it is a Date that is no time, or stands where none may. @param {object} object */
  isWrongDate(object) {
    return isInvalidDate(object) || (!this.takesDates && types.isDate(object));
  }

  /** @param {unknown} value @param {string} path @returns {string | undefined} */
  primitive(value, path) {
    switch (typeof value) {
      case 'string':
        // What is cut off here is far more than the core would take.
        return JSON.stringify(value.length > MAX_CHARACTERS ? value.slice(0, MAX_CHARACTERS) : value);
      case 'number':
        if (!Number.isFinite(value)) return this.refuse('not_finite', path, String(value));
        if (this.exact && Number.isInteger(value) && !Number.isSafeInteger(value)) {
          return this.refuse('invalid_type', path, `the number ${value}, too large for JavaScript to keep every digit of it`);
        }
        return value === LEAST_NUMBER ? String(MIN_INTEGER) : JSON.stringify(value);
      case 'bigint':
        if (value >= MIN_INTEGER && value <= MAX_INTEGER) return String(value);
        return this.refuse('number_out_of_range', path, value > -(10n ** 60n) && value < 10n ** 60n ? String(value) : 'a BigInt');
      case 'boolean':
        return value ? 'true' : 'false';
      case 'object':
        return 'null';
      default:
        return this.omit(path, value === undefined ? 'undefined' : `a ${typeof value}`);
    }
  }

  /** @param {object} object @param {string} path @param {number} depth @returns {string | undefined} */
  object(object, path, depth) {
    if (isInvalidDate(object)) return this.refuse('invalid_timestamp', path, 'an invalid Date');
    if (types.isDate(object)) return this.refuse('invalid_type', path, 'a Date');
    if (isUnwritable(object)) return this.refuse('invalid_type', path, nameOf(object));
    if (this.open.has(object)) return this.refuse('cycle', path, Array.isArray(object) ? 'array' : 'object');
    if (depth >= MAX_DEPTH) {
      this.charactersLeft -= TOO_DEEP_CHARACTERS;
      return 'null';
    }
    this.open.add(object);
    try {
      return Array.isArray(object) ? this.items(object, path, depth) : this.members(object, path, depth);
    } finally {
      this.open.delete(object);
    }
  }

  /** @param {any} object @param {string} path @param {number} depth */
  members(object, path, depth) {
    /** @type {string[]} */
    const members = [];
    for (const key of Object.keys(object)) {
      if (this.charactersLeft <= 0) break;
      const text = this.member(object, key, `${path}.${step(key)}`, depth);
      if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
      this.charactersLeft -= key.length + 4;
    }
    return `{${members.join(',')}}`;
  }

  /** @param {unknown[]} array @param {string} path @param {number} depth */
  items(array, path, depth) {
    /** @type {string[]} */
    const items = [];
    for (let index = 0; index < array.length && this.charactersLeft > 0; index += 1) {
      const { refusals } = this;
      const text = this.member(array, index, `${path}.${index}`, depth);
      // As JSON does, a place in a list is kept when its value is left out. Of what is refused already, nothing else is to be found wrong.
      items.push(text ?? (this.refusals > refusals ? REFUSED_ITEM : 'null'));
      this.charactersLeft -= 5;
    }
    return `[${items.join(',')}]`;
  }

  /** @param {any} container @param {string | number} key @param {string} path @param {number} depth */
  member(container, key, path, depth) {
    let value;
    try {
      value = container[key];
    } catch (thrown) {
      return this.refuse('unreadable_value', path, describe(thrown));
    }
    return this.value(value, String(key), path, depth + 1);
  }
}

module.exports = { NO_PARAMETER, firstRefusal, isPlainObject, plainInputText, inputText, valueText };
