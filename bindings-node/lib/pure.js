'use strict';
/**
 * Bring your own HTTP: `build` and `interpret`, without sockets or threads.
 */

const { native } = require('./native.js');
const { ConfigError } = require('./errors.js');
const { hookChain } = require('./hooks.js');
const { readAnswer } = require('./answer.js');
const { checkNames, configured, optionsText } = require('./options.js');
const { operationInput } = require('./operations.js');
const { Outcome } = require('./outcome.js');
const { Request, textOf } = require('./request.js');

/**
 * @param {string} operation
 * @param {unknown} input
 * @param {any} options
 */
function build(operation, input, options = {}) {
  const text = optionsText(options, ['beforeSend', 'nowMs', 'seed', 'attempt']);
  const { nowMs, seed, attempt, beforeSend } = options;
  const moment = {
    nowMs: wholeNumber('nowMs', nowMs, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    seed: typeof seed === 'bigint' ? BigInt.asUintN(64, seed) : bigint(wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER)),
    attempt: wholeNumber('attempt', attempt, 1, 0xffff_ffff),
  };
  const { text: inputText, notes } = operationInput(operation, input);
  const hook = hookChain(beforeSend);
  const built = configured(() => native.build(operation, inputText, notes, text, moment, hook));
  return built.request === undefined ? new Outcome(JSON.parse(built.outcome)) : new Request(built.request);
}

/** @param {number | undefined} number */
function bigint(number) {
  return number === undefined ? undefined : BigInt(number);
}

/** @param {string} option @param {unknown} value @param {number} least @param {number} most @returns {number | undefined} */
function wholeNumber(option, value, least, most) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(option, `must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/**
 * @param {unknown} request
 * @param {unknown} answer
 * @param {any} [options]
 */
function interpret(request, answer, options = {}) {
  const text = textOf(request);
  checkNames(options, ['nowMs']);
  const { nowMs } = options;
  const now = wholeNumber('nowMs', nowMs, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const seen = readAnswer(answer);
  return new Outcome(
    JSON.parse(
      'status' in seen
        ? native.interpretAnswer(text, seen.status, seen.headers, seen.body, now)
        : native.interpretFailure(text, seen.failure, seen.sent, seen.message, now),
    ),
  );
}

/** @param {unknown} key */
function uuidFrom(key) {
  if (typeof key !== 'string') throw new TypeError(`the key of a uuid must be a text, not ${key === null ? 'null' : `a ${typeof key}`}`);
  return native.uuidFrom(key);
}

module.exports = { build, interpret, uuidFrom };
