'use strict';
/** Queues and the end of things: programs, worker threads, garbage, and transports that run on the thread that would wait for them. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { Client } = require('..');
const { recordingTransport } = require('../testing.js');
const { heldTransport } = require('./support/held.js');
const { PACKAGE, run: runProgram } = require('./support/program.js');
const { useReceiver } = require('./support/receiver.js');
const { until } = require('./support/until.js');

const receiver = useReceiver();
const EVENT = { distinctId: 'u-1', eventName: 'e' };
/** Longer than a program may take here: whoever waits for it fails. */
const HOUR_MS = 3_600_000;

/** Runs a program that has a client. */
function run(program) {
  return runProgram(`const client = new Client('phc_x', { host: ${JSON.stringify(receiver.url)}, timeoutMs: ${HOUR_MS} });
    const push = (queue, count) => { for (let i = 0; i < count; i += 1) queue.createEvent({ distinctId: 'u-' + i, eventName: 'e' }); };
    ${program}`);
}

test('a program that just ends delivers its events', async () => {
  const { stdout, stderr } = await run("push(client.queue(), 250); push(client.queue({ onDelivered: (u) => console.log(u.length) }), 7);");
  assert.deepEqual([(await receiver.stored()).length, stdout, stderr], [257, '7\n', '']);
});

test('a program that just ends says what it could not deliver', async () => {
  await receiver.script(...Array.from({ length: 100 }, () => ({ status: 503 })));
  const { stdout, stderr } = await run("push(client.queue({ closeTimeoutMs: 100, onDrop: ({ reason }) => console.log(reason) }), 3);");
  assert.equal(stdout, 'shutdown\nshutdown\nshutdown\n');
  assert.match(stderr, /^hogwire: 3 events were not delivered/);
});

test('an idle queue keeps nothing alive, nor does one that was closed', async () => {
  await run('client.queue(); const queue = client.queue(); push(queue, 1); queue.close();');
  assert.equal((await receiver.stored()).length, 1);
});

test('a pending flush keeps the process alive', async () => {
  await receiver.script({ delay_ms: 200 });
  const { stdout } = await run('const queue = client.queue(); push(queue, 3); queue.flush().then((r) => console.log(r.delivered));');
  assert.equal(stdout, '3\n');
});

test('closeSync delivers on process.exit', async () => {
  const { stdout } = await run(`const queue = client.queue({ onDelivered: (u) => console.log(u.length) });
    process.on('exit', () => console.log(queue.closeSync({ timeoutMs: 10_000 }).delivered)); push(queue, 5); process.exit(0);`);
  assert.equal(stdout, '5\n5\n');
  assert.equal((await receiver.stored()).length, 5);
});

test('process.exit without closeSync does not wait, but says what is lost', async () => {
  const lost = /^hogwire: 5 events were not delivered before the queue was closed\n$/;
  await receiver.script(...Array.from({ length: 10 }, () => ({ delay_ms: HOUR_MS })));
  for (const [flushAt, then] of [[1, ''], [100, ''], [100, 'queue.close();']]) {
    const options = JSON.stringify({ flushAt, closeTimeoutMs: HOUR_MS });
    const { stderr } = await run(`const queue = client.queue(${options}); push(queue, 5); ${then} process.exit(0);`);
    assert.match(stderr, lost);
  }
});

test('an exception nobody catches ends the program with a word about what is lost', async () => {
  const ended = run('push(client.queue(), 3); setTimeout(() => { throw new Error("uncaught"); }, 1);');
  await assert.rejects(ended, ({ stderr }) => /Error: uncaught[^]*hogwire: 3 events were not delivered/.test(stderr));
});

test('process.exit after everything was delivered says nothing', async () => {
  const { stderr } = await run('const queue = client.queue(); push(queue, 3); queue.flush().then(() => process.exit(0));');
  assert.equal(stderr, '');
});

test('a listener of beforeExit that pushes after the drain hears that the queue is closed', async () => {
  const { stdout } = await run(`const queue = client.queue();
    process.on('beforeExit', () => console.log(queue.createEvent({ distinctId: 'u', eventName: 'e' }).errorCode));`);
  assert.match(stdout, /^(closed\n)+$/);
});

test('a queue that nobody holds any more is delivered and collected', async () => {
  await run(`
    let isDelivered = false;
    (() => push(client.queue({ flushAt: 1000, flushIntervalMs: 3600000, onDelivered: () => { isDelivered = true; } }), 3))();
    until(() => isDelivered);`);
  assert.equal((await receiver.stored()).length, 3);
});

const IN_WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Client } = require(${PACKAGE});
  const client = new Client('phc_x', { host: workerData.host });
  let delivered = 0;
  const queue = client.queue({ flushAt: 10, onDelivered: (uuids) => { delivered += uuids.length; } });
  for (let i = 0; i < 95; i += 1) queue.createEvent({ distinctId: 'u-' + i, eventName: 'e' });
`;

test('worker threads have queues of their own, and drain them when they end', async () => {
  const ends = [0, 1, 2, 3].map(async () => {
    const worker = new Worker(`${IN_WORKER} process.on('exit', () => parentPort.postMessage(delivered));`, { eval: true, workerData: { host: receiver.url } });
    const [[count], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    assert.deepEqual([count, code], [95, 0]);
  });
  await Promise.all(ends);
  assert.equal((await receiver.stored()).length, 380);
});

/** Pushes between flushes nobody waits for, and closes while the last are under way; more pushes are told so. */
const STRESSED = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Client } = require(${PACKAGE});
  async function main() {
    const queue = new Client('phc_x', { host: workerData.host }).queue({ flushAt: 7 });
    const reports = [], receipts = [];
    const push = () => receipts.push(queue.createEvent({ distinctId: 'u-1', eventName: 'e' }));
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 10; index += 1) push();
      reports.push(queue.flush());
      await new Promise(setImmediate);
    }
    reports.push(queue.close({ timeoutMs: 60_000 }));
    push();
    const counts = (await Promise.all(reports)).map(({ delivered, droppedTotal }) => [delivered, droppedTotal]);
    const sum = (place) => counts.reduce((total, count) => total + count[place], 0);
    parentPort.postMessage({ queued: receipts.filter(({ queued }) => queued).length, last: receipts.at(-1).errorCode, delivered: sum(0), dropped: sum(1) });
  }
  main();
`;

test('24 worker threads push, flush and close at once, again and again: the counts add up', { timeout: 240_000 }, async () => {
  for (let round = 1; round <= 3; round += 1) {
    const told = await Promise.all(Array.from({ length: 24 }, async () => {
      const worker = new Worker(STRESSED, { eval: true, workerData: { host: receiver.url } });
      const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return { ...message, code };
    }));
    for (const each of told) assert.deepEqual(each, { queued: 200, last: 'closed', delivered: 200, dropped: 0, code: 0 });
    const stored = await receiver.stored();
    assert.deepEqual([stored.length, new Set(stored.map(({ uuid }) => uuid)).size], [round * 4_800, round * 4_800]);
  }
});

test('a worker that is terminated leaves its events to the background', async () => {
  await receiver.script(...Array.from({ length: 3 }, () => ({ delay_ms: 100 })));
  for (let round = 0; round < 5; round += 1) {
    const worker = new Worker(`${IN_WORKER} queue.flush(); parentPort.postMessage('pending');`, { eval: true, workerData: { host: receiver.url } });
    await once(worker, 'message');
    await worker.terminate();
  }
  await until(async () => (await receiver.stored()).length === 5 * 95);
});

test('a worker that is terminated takes the events of its own transport with it, and says how many', async () => {
  const worker = `
    const { parentPort } = require('node:worker_threads');
    const { Client } = require(${PACKAGE});
    const transport = () => { parentPort.postMessage('under way'); return new Promise(() => {}); };
    const queue = new Client('phc_x', { transport, timeoutMs: ${HOUR_MS} }).queue({ flushAt: 3, maxInFlight: 1, closeTimeoutMs: 100 });
    for (let i = 0; i < 5; i += 1) queue.createEvent({ distinctId: 'u-1', eventName: 'e' });`;
  const { stderr } = await run(`
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
    worker.once('message', () => worker.terminate());`);
  assert.equal(stderr, 'hogwire: 5 events were not delivered before the queue was closed\n');
});

test('with a transport of this thread, closeSync drops what is left and returns at once', async () => {
  const transport = recordingTransport();
  const client = new Client('phc_x', { transport });
  const told = [];
  const queue = client.queue({ flushIntervalMs: 3_600_000, onDrop: ({ uuid }) => told.push(uuid) });
  const receipts = [queue.createEvent(EVENT), queue.createEvent(EVENT)];
  const started = Date.now();
  const report = queue.closeSync({ timeoutMs: 20_000 });
  assert.ok(Date.now() - started < 2_000);
  assert.deepEqual(report.dropped.map(({ uuid, reason }) => [uuid, reason]), receipts.map(({ eventUuid }) => [eventUuid, 'shutdown']));
  assert.deepEqual(told, receipts.map(({ eventUuid }) => eventUuid));
  await client.close();
});

test('with a transport of this thread, blocking rejects at once', async () => {
  const { transport, letGo } = heldTransport();
  const client = new Client('phc_x', { transport });
  const queue = client.queue({ overflow: 'block', blockTimeoutMs: 20_000, maxQueueEvents: 1, flushIntervalMs: 3_600_000, maxInFlight: 1 });
  queue.createEvent(EVENT);
  const flushing = queue.flush();
  await until(() => queue.stats().events_in_flight === 1);
  const started = Date.now();
  const codes = Array.from({ length: 2 }, () => queue.createEvent(EVENT).errorCode);
  assert.deepEqual(codes, ['ok', 'queue_full']);
  assert.ok(Date.now() - started < 2_000);
  assert.throws(() => client.queue({ blockTimeoutMs: 1e12 }), { option: 'blockTimeoutMs' });
  letGo();
  assert.deepEqual((await flushing).dropped.map(({ reason }) => reason), ['overflow']);
  assert.equal((await queue.close()).dropped.length, 0);
  await client.close();
});
