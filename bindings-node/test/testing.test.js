'use strict';
/** hogwire/testing: what it records, and what it answers. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client } = require('hogwire');
const { recordingTransport } = require('hogwire/testing');

const EVENT = { distinctId: 'user-12345', eventName: 'Paid', properties: { amount: 12.5 } };

test('it records what would have been sent, and answers with success', async () => {
  const transport = recordingTransport();
  const client = new Client('phc_secret_key', { transport });
  assert.equal((await client.createEvent(EVENT)).delivery, 'accepted');
  const [event] = transport.events;
  assert.deepEqual([event.event, event.distinct_id, event.properties.amount], ['Paid', 'user-12345', 12.5]);
  const [{ request, body, isAccepted }] = transport.requests;
  assert.deepEqual([request.method, request.attempt, isAccepted], ['POST', 1, true]);
  assert.ok(!JSON.stringify(body).includes('phc_secret_key'), 'the key is not in what assertions print');
  transport.clear();
  assert.deepEqual([transport.events, transport.requests], [[], []]);
  await client.close();
});

test('it answers as scripted', async () => {
  const transport = recordingTransport();
  const client = new Client('phc_x', { transport });
  transport.answer({ status: 503 }, { failure: 'network' });
  const outcome = await client.createEvent(EVENT);
  assert.deepEqual([outcome.statusCode, outcome.attempts], [200, 3]);
  assert.deepEqual([transport.requests.length, transport.events.length], [3, 1]);
  transport.answer(async ({ eventUuid }) => ({ status: 400, body: eventUuid }), undefined);
  const rejected = await client.createEvent(EVENT);
  assert.equal(rejected.errorCode, 'rejected');
  assert.deepEqual([transport.events[1].uuid, transport.requests[3].isAccepted], [rejected.eventUuid, false]);
  assert.equal((await client.createEvent(EVENT)).errorCode, 'ok');
  await client.close();
});

for (const compression of ['none', 'gzip', 'deflate', 'zstd']) {
  test(`it serves queues over v1, compressed with ${compression}`, async () => {
    const transport = recordingTransport();
    const client = new Client('phc_x', { transport, protocol: 'v1', compression });
    const queue = client.queue();
    for (let index = 0; index < 50; index += 1) queue.createEvent({ ...EVENT, properties: { index } });
    const report = await queue.close();
    assert.deepEqual([report.stored, report.pending], [50, 0]);
    assert.deepEqual(transport.events.map(({ properties }) => properties.index), [...Array(50).keys()]);
    await client.close();
  });
}

test("it records for clients whose files are read anew, as after jest's resetModules", async (context) => {
  const transport = recordingTransport();
  const loaded = Object.keys(require.cache).filter((file) => /lib.[a-z_]+\.js$/.test(file));
  const kept = loaded.map((file) => [file, require.cache[file]]);
  context.after(() => kept.forEach(([file, module]) => (require.cache[file] = module)));
  for (const file of loaded) delete require.cache[file];
  const client = new Client('phc_x', { transport });
  assert.equal((await client.createEvent(EVENT)).errorMessage, '');
  assert.equal(transport.events.length, 1);
  await client.close();
});
