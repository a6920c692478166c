'use strict';
/** Many calls at once on one client. Each test has a receiver of its own, because it counts connections. */

const assert = require('node:assert/strict');
const fs = require('node:fs/promises');
const { test } = require('node:test');
const { Client } = require('..');
const { startReceiver } = require('./support/receiver.js');

test('a thousand calls at once are all answered, over few connections, and leave libuv alone', async (context) => {
  const receiver = await startReceiver(context);
  const client = new Client('phc_x', { host: receiver.url, timeoutMs: 60_000 });
  // Sixteen slow answers: with libuv's four threads, the file would have to wait for all of them.
  await receiver.script(...Array.from({ length: 16 }, () => ({ delay_ms: 1_500 })));
  const calls = Array.from({ length: 1_000 }, (_, index) => {
    return client.createEvent({ distinctId: `u-${index}`, eventName: 'e', properties: { index } });
  });
  const started = performance.now();
  await fs.readFile(__filename);
  const waited = performance.now() - started;
  const outcomes = await Promise.all(calls);
  assert.ok(waited < 1_000, `reading a file took ${waited} ms`);
  assert.deepEqual(outcomes.filter(({ statusCode }) => statusCode !== 200), []);
  assert.equal(new Set(outcomes.map(({ eventUuid }) => eventUuid)).size, 1_000);
  const { peak_connections: peak, stored } = await receiver.stats();
  assert.equal(stored, 1_000);
  assert.ok(peak <= 32, `${peak} connections`);
  // Each promise got the answer of its own call.
  const byUuid = new Map((await receiver.stored()).map(({ uuid, distinct_id: id }) => [uuid, id]));
  outcomes.forEach(({ eventUuid }, index) => assert.equal(byUuid.get(eventUuid), `u-${index}`));
  await client.close();
});

test('maxConnections bounds connections', async (context) => {
  const receiver = await startReceiver(context);
  const client = new Client('phc_x', { host: receiver.url, maxConnections: 3, timeoutMs: 60_000 });
  const calls = Array.from({ length: 50 }, () => client.createEvent({ distinctId: 'u-1', eventName: 'e' }));
  assert.ok((await Promise.all(calls)).every(({ ok }) => ok));
  const { peak_connections: peak } = await receiver.stats();
  assert.ok(peak <= 3, `${peak} connections`);
  await client.close();
});
