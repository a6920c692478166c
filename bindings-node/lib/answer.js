'use strict';
/**
 * Answers: what a caller's HTTP brought back, in the few shapes HTTP libraries give it, read into one.
 */

const { types } = require('node:util');
const { describe } = require('./errors.js');

const EXPECTED =
  'a transport answers with { status, headers, body } (or a fetch Response), or with { failure: "timeout" | "network" | "tls", sent }';

/**
 * @typedef {{ status: number, headers: string[], body: Uint8Array }} Answer
 * @typedef {{ failure: string, sent?: boolean, message?: string }} Failure
 */

/**
 * Reads an answer or a failure. Never throws: what is neither is an `internal` failure that says what is expected.
 *
 * @param {any} given
 * @returns {Answer | Failure}
 */
function readAnswer(given) {
  try {
    if (typeof given !== 'object' || given === null) return nonsense(`not with ${given === null ? 'null' : typeof given}`);
    const { failure } = given;
    if (failure !== undefined) return readFailure(given);
    const { status, headers } = given;
    if (typeof status !== 'number') return nonsense('status is no number');
    const body = bytes(given.body);
    if (body === undefined) return nonsense('body is neither text nor bytes');
    const isStatus = Number.isInteger(status) && status >= 0 && status <= 0xffff;
    return isStatus ? { status, headers: flatHeaders(headers), body } : impossible(status);
  } catch (thrown) {
    return nonsense(describe(thrown));
  }
}

/** @param {any} given @returns {Failure} */
function readFailure({ failure, sent, message }) {
  if (!['timeout', 'network', 'tls'].includes(failure)) return nonsense('failure is another word');
  return {
    failure,
    sent: typeof sent === 'boolean' ? sent : undefined,
    message: typeof message === 'string' ? message : undefined,
  };
}

/** What the core says of an impossible status, about one that it cannot even be given. @param {number} status @returns {Failure} */
function impossible(status) {
  return { failure: 'network', message: `the answer has the impossible HTTP status ${status}; is this the right host?` };
}

/** @param {string} problem @returns {Failure} */
function nonsense(problem) {
  return { failure: 'internal', message: `${EXPECTED}; ${problem}` };
}

/**
 * What a transport returned, with the body of a fetch `Response` read.
 *
 * @param {any} given
 * @returns {Promise<Answer | Failure>}
 */
async function readResponse(given) {
  if (typeof given?.arrayBuffer !== 'function') return readAnswer(given);
  const { status, headers } = given;
  return readAnswer({ status, headers, body: await given.arrayBuffer() });
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
 * @returns {string[]}
 */
function flatHeaders(headers) {
  if (headers === undefined || headers === null) return [];
  const pairs = typeof headers[Symbol.iterator] === 'function' ? headers : Object.entries(headers);
  const flat = [];
  for (const [name, value] of pairs) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) flat.push(String(name), String(one));
    }
  }
  return flat;
}

module.exports = { readAnswer, readResponse, readThrown };
