'use strict';
/**
 * Answers: what a caller's HTTP brought back, in the few shapes HTTP libraries give it, read into one.
 */

const { types } = require('node:util');
const { describe } = require('./errors.js');
const { isObject, kindOf } = require('./kinds.js');
const { native } = require('./native.js');

const SHAPES = '{ status, headers, body }';
const FAILURES = ['timeout', 'network', 'tls'];
const FAILED = `{ failure: ${FAILURES.map((word) => `"${word}"`).join(' | ')}, sent }`;

/** Who gives answers, and what they are asked for. */
const BY_TRANSPORT = `a transport answers with ${SHAPES} (or a fetch Response), or with ${FAILED}`;
const BY_CALLER = `interpret takes ${SHAPES}, or ${FAILED}`;

const STILL_TO_READ = 'the body is still to be read: give { status: response.status, headers: response.headers, body: await response.text() }';

/**
 * @typedef {{ status: number, headers: string[], body: Uint8Array }} Answer
 * @typedef {{ failure: string, sent?: boolean, message?: string }} Failure
 */

/**
 * Reads an answer or a failure. Never throws: what is neither is an `internal` failure that says what is expected.
 *
 * @param {any} given
 * @param {string} [expected]
 * @returns {Answer | Failure}
 */
function readAnswer(given, expected = BY_CALLER) {
  const nonsense = (/** @type {string} */ problem) => ({ failure: 'internal', message: `${expected}; ${problem}` });
  try {
    if (!isObject(given) || types.isPromise(given)) return nonsense(`what came is ${kindOf(given)}`);
    const { failure, status } = /** @type {any} */ (given);
    if (failure !== undefined) return FAILURES.includes(failure) ? readFailure(given) : nonsense(`failure is ${quoted(failure)}`);
    if (typeof status !== 'number') return nonsense(`status is ${quoted(status)}, and no number`);
    const { headers, body } = /** @type {any} */ (given);
    const flat = flatHeaders(headers);
    if (flat === undefined) return nonsense(`headers are Headers, a Map, pairs, or an object of texts, not ${kindOf(headers)}`);
    const read = bytes(body);
    if (read === undefined) return nonsense(isToCome(body) ? STILL_TO_READ : `body is ${kindOf(body)}, neither text nor bytes`);
    const isStatus = Number.isInteger(status) && status >= 0 && status <= 0xffff;
    return isStatus ? { status, headers: flat, body: read } : impossible(status);
  } catch (thrown) {
    return nonsense(describe(thrown));
  }
}

/** What the core says of an impossible status, about one that it cannot even be given. @param {number} status @returns {Failure} */
function impossible(status) {
  return { failure: 'network', message: `the answer has the impossible HTTP status ${status}; is this the right host?` };
}

/** @param {any} given @returns {Failure} */
function readFailure({ failure, sent, message }) {
  return {
    failure,
    sent: typeof sent === 'boolean' ? sent : undefined,
    message: typeof message === 'string' ? native.retold(message) : undefined,
  };
}

/** A value that is told as it stands. @param {unknown} value */
function quoted(value) {
  return typeof value === 'string' ? `"${native.shortened(value)}"` : kindOf(value);
}

/** Whether it is a body that comes later: a stream, or a promise. @param {any} body */
function isToCome(body) {
  return isObject(body) && (Symbol.asyncIterator in body || 'then' in body);
}

/**
 * What a transport returned, with the body of a fetch `Response` read.
 *
 * @param {any} given
 * @returns {Promise<Answer | Failure>}
 */
async function readResponse(given) {
  if (typeof given?.arrayBuffer !== 'function') return readAnswer(given, BY_TRANSPORT);
  const { status, headers } = given;
  return readAnswer({ status, headers, body: await given.arrayBuffer() }, BY_TRANSPORT);
}

/** Node's words for what is wrong with a certificate (its OpenSSL reasons), and for what TLS itself could not do. */
const TLS_CODES =
  /^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED|CRL|^EPROTO$|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$|^PATH_LENGTH_EXCEEDED$/;

/**
 * The failure that a thrown value means.
 *
 * @param {any} thrown
 * @returns {Failure}
 */
function readThrown(thrown) {
  const message = describe(thrown);
  try {
    // fetch says only "fetch failed"; what happened stands in the cause.
    const { cause } = thrown;
    const codes = [thrown.code, cause?.code].filter((code) => typeof code === 'string');
    const detail = cause === undefined ? message : `${message}: ${describe(cause)}`;
    const is = (/** @type {RegExp} */ pattern) => codes.some((code) => pattern.test(code));
    if (thrown.name === 'AbortError' || thrown.name === 'TimeoutError' || is(/TIMEDOUT|TIMEOUT/)) {
      return { failure: 'timeout', message: detail, sent: is(/CONNECT_TIMEOUT/) ? false : undefined };
    }
    if (is(TLS_CODES)) return { failure: 'tls', message: detail };
    return { failure: 'network', message: detail, sent: is(/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/) ? false : undefined };
  } catch {
    return { failure: 'network', message };
  }
}

/** @param {any} body @returns {Uint8Array | undefined} */
function bytes(body) {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  if (types.isAnyArrayBuffer(body)) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return undefined;
}

/**
 * Names and values one after the other, from Headers, a Map, a list of pairs, or an object as node:http gives it.
 *
 * @param {any} headers
 * @returns {string[] | undefined} undefined: it is none of these
 */
function flatHeaders(headers) {
  if (headers === undefined || headers === null) return [];
  if (!isObject(headers)) return undefined;
  const isIterable = typeof (/** @type {any} */ (headers)[Symbol.iterator]) === 'function';
  const flat = [];
  for (const pair of isIterable ? /** @type {Iterable<unknown>} */ (headers) : Object.entries(headers)) {
    if (!Array.isArray(pair)) return undefined;
    const [name, value] = pair;
    for (const one of Array.isArray(value) ? value : [value]) {
      if (isObject(one)) return undefined;
      if (one !== undefined && one !== null) flat.push(String(name), String(one));
    }
  }
  return flat;
}

module.exports = { readAnswer, readResponse, readThrown };
