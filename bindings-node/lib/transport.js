'use strict';
/**
 * The caller's transport: takes a request from a thread of the core, runs the callback here, hands back what came.
 */

const { ConfigError } = require('./errors.js');
const { kindOf } = require('./kinds.js');
const { Request } = require('./request.js');
const { readResponse, readThrown } = require('./answer.js');

/**
 * @param {unknown} transport
 * @returns {((exchange: any, text: string, timeoutMs: number) => void) | undefined}
 */
function carrier(transport) {
  if (transport === undefined || transport === null) return undefined;
  if (typeof transport !== 'function') throw new ConfigError('transport', `must be a function, not ${kindOf(transport)}`);
  return (exchange, text, timeoutMs) => {
    carry(transport, text, timeoutMs).then((seen) => {
      if ('status' in seen) exchange.answer(seen.status, seen.headers, seen.body);
      else exchange.fail(seen.failure, seen.sent, seen.message);
    });
  };
}

/**
 * A carrier for the addon. The addon holds it for good, so it must not hold the transport: that may refer to its client, which could then
 * never be collected. The client holds the transport, and so do pending calls, and queues that have something to deliver.
 *
 * @param {Function} carry
 */
function weakly(carry) {
  const weak = new WeakRef(carry);
  return (/** @type {unknown[]} */ ...load) => weak.deref()?.(...load);
}

/** @param {Function} transport @param {string} text @param {number} timeoutMs */
async function carry(transport, text, timeoutMs) {
  try {
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    return await readResponse(await transport(new Request(text), { timeoutMs, signal }));
  } catch (thrown) {
    return readThrown(thrown);
  }
}

module.exports = { carrier, weakly };
