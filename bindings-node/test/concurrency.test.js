'use strict';
/** Many calls at once on one client. A test that counts connections has a receiver of its own. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs/promises');
const http = require('node:http');
const { test } = require('node:test');
const { Client } = require('..');
const { startReceiver } = require('./support/receiver.js');
const { until } = require('./support/until.js');

test('a thousand calls at once are all answered, over few connections', async (context) => {
  const receiver = await startReceiver(context);
  const client = new Client('phc_x', { host: receiver.url, timeoutMs: 60_000 });
  const calls = Array.from({ length: 1_000 }, (_, index) => {
    return client.createEvent({ distinctId: `u-${index}`, eventName: 'e', properties: { index } });
  });
  const outcomes = await Promise.all(calls);
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

test('calls under way leave libuv alone', async (context) => {
  const held = [];
  const server = http.createServer((request, response) => void held.push(response)).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const client = new Client('phc_x', { host: `http://127.0.0.1:${server.address().port}`, timeoutMs: 60_000 });
  // On libuv's four threads no fifth call would come to the server, and the file would have to wait for an answer.
  const calls = Array.from({ length: 16 }, () => client.createEvent({ distinctId: 'u-1', eventName: 'e' }));
  await until(() => held.length === calls.length);
  await fs.readFile(__filename);
  for (const response of held) response.end('{"status":"Ok"}');
  assert.ok((await Promise.all(calls)).every(({ ok }) => ok));
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
