'use strict';
/**
 * Operations: their names and parameters as the core publishes them, in both spellings.
 */

const { catalogue, native } = require('./native.js');
const { describe } = require('./errors.js');
const { isInput, kindOf } = require('./kinds.js');
const { NO_PARAMETER, inputText, plainInputText } = require('./values.js');

/**
 * An input as the addon takes it: its JSON text, well-formed, and notes about what JSON text cannot carry.
 *
 * @typedef {{ text: string, notes: string[] | undefined }} Written
 */

/** The operations' numbers, for the addon. @type {Map<string, number>} */
const operationNumbers = new Map(Object.keys(catalogue.operations).map((operation, number) => [operation, number]));

/**
 * A table per operation, with an entry for each parameter, which `choose` makes of its names in camelCase and PascalCase. The tables have
 * no prototype, so that no name is known by accident.
 *
 * @template Value
 * @param {(pair: [string, string]) => [string, Value]} choose
 * @returns {Record<string, Record<string, Value>>}
 */
function tables(choose) {
  const entries = Object.entries(catalogue.operations).map(([operation, parameters]) => {
    return [operation, Object.assign(Object.create(null), Object.fromEntries(Object.entries(parameters).map(choose)))];
  });
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** For the methods: `distinctId`. */
const camelCaseNames = tables((pair) => pair);
/** For the items of a batch, where the operation's name stands among the parameters: no parameter, and not unknown. */
const batchNames = tables((pair) => pair);
Object.values(batchNames).forEach((names) => Object.assign(names, { operation: NO_PARAMETER }));
/** For operations by name: `DistinctId`. */
const pascalCaseNames = tables(([, pascalCase]) => [pascalCase, pascalCase]);

/**
 * The input of an operation by name: an object in PascalCase, or JSON text.
 *
 * @param {unknown} operation
 * @param {unknown} input
 * @returns {Written}
 */
function operationInput(operation, input) {
  if (typeof operation !== 'string') {
    throw new TypeError(`operation must be one of ${[...operationNumbers.keys()].join(', ')}, not ${kindOf(operation)}`);
  }
  const names = pascalCaseNames[operation];
  if (names === undefined) throw new TypeError(native.unknownOperation(operation));
  // Half a surrogate pair would be replaced on the way; as an escape it arrives, and is reported.
  if (typeof input === 'string') return { text: escapeLoneSurrogates(input), notes: undefined };
  return written(input, names);
}

/**
 * The input of one of the methods.
 *
 * @param {string} operation
 * @param {unknown} parameters
 * @returns {Written}
 */
function callInput(operation, parameters) {
  return written(parameters, /** @type {Record<string, string>} */ (camelCaseNames[operation]));
}

/**
 * One item of a batch: an operation's parameters, and its name beside them. An operation that does not exist is the core's to refuse.
 *
 * @param {any} item
 * @returns {{ operation: string } & Written}
 */
function batchItem(item) {
  if (!isInput(item)) return refused('invalid_json', 'Input', item);
  // In PascalCase it is found, so that it is called an unknown name beside the other parameters, and not missing.
  const operation = item.operation ?? item.Operation ?? '';
  if (typeof operation !== 'string') return refused('invalid_type', 'Operation', operation);
  const names = batchNames[operation];
  return names === undefined ? { operation, text: '{}', notes: undefined } : { operation, ...written(item, names) };
}

/**
 * An item of which nothing else is read.
 *
 * @param {string} code @param {'Batch' | 'Input' | 'Operation'} place what is wrong with it @param {unknown} given what stands there
 */
function refused(code, place, given) {
  return noted(code, place, kindOf(given));
}

/** @param {string} code @param {string} place @param {string} found */
function noted(code, place, found) {
  return { operation: 'event', text: '{}', notes: [code, place, found] };
}

/**
 * The items of a batch. What is no list is one item that is no input, and so is an item that cannot be looked at.
 *
 * @param {any} operations
 */
function batchItems(operations) {
  try {
    if (Array.isArray(operations)) return Array.from({ length: operations.length }, (_, index) => itemAt(operations, index));
  } catch {
    // A proxy that takes no question.
  }
  return [refused('invalid_json', 'Batch', operations)];
}

/** @param {any[]} operations @param {number} index */
function itemAt(operations, index) {
  try {
    return batchItem(operations[index]);
  } catch (thrown) {
    return noted('unreadable_value', 'Input', describe(thrown));
  }
}

/** @param {unknown} parameters @param {Record<string, string>} names @returns {Written} */
function written(parameters, names) {
  const text = plainInputText(parameters, names);
  return text === undefined ? inputText(parameters, names) : { text, notes: undefined };
}

/** @param {string} text */
function escapeLoneSurrogates(text) {
  if (/** @type {any} */ (text).isWellFormed()) return text;
  return text.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

module.exports = { batchItems, callInput, operationInput, operationNumbers, tables };
