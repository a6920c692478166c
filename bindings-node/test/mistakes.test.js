'use strict';
/** Mistakes that callers make, and what they are told: what is there, what belongs there, and how much is wrong. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client } = require('..');

const EVENT = { distinctId: 'u-1', eventName: 'e' };
const client = new Client('phc_x', { transport: () => ({ status: 200, body: '{"status":"Ok"}' }), maxRetries: 0 });

/** An object of so many keys with the same value. */
const many = (count, value) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));

test('refusals beyond those that are kept are counted, whoever finds them', async (context) => {
  const queue = client.queue();
  context.after(() => queue.close());
  for (const [parameters, more] of [
    [{ ...EVENT, properties: many(250, NaN) }, 150],
    [{ ...EVENT, properties: many(250, Buffer.alloc(1)) }, 150],
    [{ ...EVENT, properties: many(250, 2n ** 64n) }, 150],
    [{ ...EVENT, properties: { $a: new Array(250).fill(NaN) } }, 150],
    [{ ...EVENT, properties: many(250, {}) }, 150],
    [{ ...EVENT, ...many(250, 1) }, 150],
    [{ distinctId: 1.5, eventName: 5, uuid: NaN, timestamp: new Map(), unknown: 1, properties: many(250, NaN) }, 155],
    [{ ...EVENT, properties: { ...many(250, NaN), more: {} } }, 151],
    [{ ...EVENT, properties: many(101, NaN) }, 1],
  ]) {
    for (const told of [await client.createEvent(parameters), queue.createEvent(parameters)]) {
      assert.deepEqual([told.errorCode, told.findings.length], ['invalid_input', 100]);
      assert.ok(told.errorMessage.endsWith(` And ${more} more findings.`), told.errorMessage.slice(-200));
      assert.ok(told.findings.every(({ parameter, message }) => parameter !== '' && message !== ''));
    }
  }
  const hundred = await client.createEvent({ ...EVENT, properties: many(100, NaN) });
  assert.equal(hundred.findings.length, 100);
  assert.doesNotMatch(hundred.errorMessage, / more findings/);
});
