'use strict';
/**
 * Bring your own HTTP: `build` and `interpret`, without sockets or threads.
 */

const { native } = require('./native.js');
const { ConfigError } = require('./errors.js');
const { hookChain } = require('./hooks.js');
const { readAnswer } = require('./answer.js');
const { kindOf } = require('./kinds.js');
const { configured, optionsText, readOptions, spellings } = require('./options.js');
const { operationInput } = require('./operations.js');
const { Outcome } = require('./outcome.js');
const { Request, textOf } = require('./request.js');

/** Options of `build` that are not the core's. */
const BUILD_OPTIONS = ['beforeSend', 'nowMs', 'seed', 'attempt'];

const LARGEST_SEED = 2n ** 64n - 1n;

/**
 * @param {string} operation
 * @param {unknown} input
 * @param {unknown} options
 */
function build(operation, input, options = {}) {
  const given = readOptions(options, [...spellings.keys(), ...BUILD_OPTIONS]);
  const text = optionsText(given);
  const { nowMs, seed, attempt, beforeSend } = given;
  const moment = {
    nowMs: wholeNumber('nowMs', nowMs, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    seed: seedOf(seed),
    attempt: wholeNumber('attempt', attempt, 1, 0xffff_ffff),
  };
  const { text: inputText, notes } = operationInput(operation, input);
  const hook = hookChain(beforeSend);
  const built = configured(() => native.build(operation, inputText, notes, text, moment, hook));
  return built.request === undefined ? new Outcome(JSON.parse(built.outcome)) : new Request(built.request);
}

/** @param {unknown} seed @returns {bigint | undefined} */
function seedOf(seed) {
  if (seed === undefined || seed === null) return undefined;
  if (typeof seed === 'bigint' && seed >= 0n && seed <= LARGEST_SEED) return seed;
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return BigInt(seed);
  throw new ConfigError('seed', `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or a BigInt from 0n to ${LARGEST_SEED}n, not ${kindOf(seed)}`);
}

/** @param {string} option @param {unknown} value @param {number} least @param {number} most @returns {number | undefined} */
function wholeNumber(option, value, least, most) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(option, `must be a whole number from ${least} to ${most}, not ${kindOf(value)}`);
  }
  return value;
}

/**
 * @param {unknown} request
 * @param {unknown} answer
 * @param {unknown} [options]
 */
function interpret(request, answer, options = {}) {
  const text = textOf(request);
  const { nowMs } = readOptions(options, ['nowMs']);
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
  if (typeof key !== 'string') throw new TypeError(`the key of a uuid must be a text, not ${kindOf(key)}`);
  return native.uuidFrom(key);
}

module.exports = { build, interpret, uuidFrom };
