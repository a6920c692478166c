'use strict';
/** AsyncLocalStorage: whose store functions of the caller's see, when their client or queue is made inside a request. */

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { test } = require('node:test');
const { Client } = require('..');

const storage = new AsyncLocalStorage();
const EVENT = { distinctId: 'u-1', eventName: 'e' };
const PATIENT = { flushAt: 100, flushIntervalMs: 3_600_000 };

/** A client and its queue, made inside a request, whose functions note the store they see. */
function madeInside(context, { beforeSend, status = 200 } = {}) {
  const seen = [];
  const note = (name) => () => void seen.push([name, storage.getStore()]);
  const transport = async () => {
    note('transport')();
    await null;
    note('later')();
    return { status, body: '{"status":1}' };
  };
  const hooks = { onDrop: note('onDrop'), onError: note('onError'), onDelivered: note('onDelivered') };
  const made = storage.run('the first request', () => {
    const client = new Client('phc_x', { transport, beforeSend: beforeSend?.(note('beforeSend')), maxRetries: 0 });
    return { client, queue: client.queue({ ...PATIENT, maxRetries: 0, ...hooks }) };
  });
  context.after(async () => {
    await made.queue.close({ timeoutMs: 0 });
    await made.client.close();
  });
  return { ...made, seen };
}

test('a transport sees no store, and whoever waits for its answer keeps theirs', async (context) => {
  const { client, seen } = madeInside(context);
  await storage.run('another request', async () => {
    assert.ok((await client.createEvent(EVENT)).ok);
    assert.equal(storage.getStore(), 'another request');
  });
  assert.deepEqual(seen, [['transport', undefined], ['later', undefined]]);
});

test('a queue’s hooks see no store, nor does the transport of its batches', async (context) => {
  const { queue, seen } = madeInside(context);
  await storage.run('another request', async () => {
    queue.createEvent(EVENT);
    assert.equal((await queue.close()).delivered, 1);
    assert.equal(storage.getStore(), 'another request');
  });
  assert.deepEqual(seen, [['transport', undefined], ['later', undefined], ['onDelivered', undefined]]);
});

test('hooks that are told of failures and drops see no store', async (context) => {
  const { queue, seen } = madeInside(context, { status: 503 });
  await storage.run('another request', async () => {
    queue.createEvent(EVENT);
    assert.equal((await queue.flush()).pending, 1);
    assert.equal((await queue.close({ timeoutMs: 0 })).droppedTotal, 1);
  });
  // Two threads tell them: in any order.
  assert.deepEqual(seen.filter(([name]) => name.startsWith('on')).sort(), [['onDrop', undefined], ['onError', undefined]]);
});

test('hooks that closeSync tells see no store', (context) => {
  const { queue, seen } = madeInside(context);
  storage.run('another request', () => {
    queue.createEvent(EVENT);
    assert.equal(queue.closeSync().droppedTotal, 1);
    assert.equal(storage.getStore(), 'another request');
  });
  assert.deepEqual(seen, [['onDrop', undefined]]);
});

test('beforeSend sees the store of the call it runs in', async (context) => {
  const beforeSend = (note) => (event) => {
    note();
    return event;
  };
  const { client, queue, seen } = madeInside(context, { beforeSend });
  await storage.run('another request', () => client.createEvent(EVENT));
  storage.run('a third', () => queue.createEvent(EVENT));
  assert.deepEqual(seen.filter(([name]) => name === 'beforeSend').map(([, store]) => store), ['another request', 'a third']);
});

test('outside is outside, and passes on what comes of it', () => {
  const { native } = require('../lib/native.js');
  const given = {};
  storage.run('a request', () => {
    assert.equal(native.outside(() => storage.getStore()), undefined);
    assert.equal(native.outside(() => given), given);
    assert.throws(() => native.outside(() => { throw given; }), (error) => error === given);
    assert.equal(storage.getStore(), 'a request');
  });
});
