'use strict';
/** Queues against the receiver: receipts, reports, hooks, bounds, and what becomes of events when the server fails. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, ConfigError, QUEUE_OPTIONS, Queue, Receipt, Report } = require('..');
const { provokePanic } = require('../lib/queue.js');
const { recordingTransport } = require('../testing.js');
const { heldTransport } = require('./support/held.js');
const { useReceiver } = require('./support/receiver.js');
const { until } = require('./support/until.js');

const receiver = useReceiver();
const EVENT = { distinctId: 'u-1', eventName: 'e' };
/** Goes out at a flush only. */
const PATIENT = { flushAt: 100_000, flushIntervalMs: 3_600_000 };

/** A client and its queue, which end with the test. */
function queueOf(context, options = PATIENT, clientOptions = {}) {
  const client = new Client('phc_x', { host: receiver.url, ...clientOptions });
  const queue = client.queue(options);
  context.after(async () => {
    await queue.close({ timeoutMs: 0 });
    await client.close();
  });
  return { client, queue };
}

/** A queue whose one request is under way with one event, until it is let go, and that has room for three more. */
async function busyQueue(context, options) {
  const { transport, letGo } = heldTransport();
  const { queue } = queueOf(context, { flushAt: 1, maxInFlight: 1, maxQueueEvents: 3, ...options }, { transport });
  queue.createEvent(EVENT);
  await until(() => queue.stats().requests_in_flight === 1);
  return { queue, letGo };
}

/** Options of a queue that note what hooks were told. */
function listening() {
  const told = { drops: [], errors: [], delivered: [] };
  const hooks = {
    onDrop: (dropped) => told.drops.push(dropped),
    onError: (outcome) => told.errors.push(outcome.errorCode),
    onDelivered: (uuids, delivery) => told.delivered.push(...uuids.map((uuid) => [uuid, delivery])),
  };
  return { told, hooks };
}

const push = (queue, count, eventName = 'e') =>
  Array.from({ length: count }, (_, index) => queue.createEvent({ distinctId: `u-${index}`, eventName }));

const WRONG = [
  [{ flushAt: 0 }, 'flushAt'],
  [{ flushAt: '5' }, 'flushAt'],
  [{ flushIntervalMs: -1 }, 'flushIntervalMs'],
  [{ maxInFlight: 0 }, 'maxInFlight'],
  [{ maxQueueEvents: NaN }, 'maxQueueEvents'],
  [{ overflow: 'wait' }, 'overflow'],
  [{ closeTimeoutMs: 1e12 }, 'closeTimeoutMs'],
  [{ maxRetries: 1.5 }, 'maxRetries'],
  [{ compression: 'zstd' }, 'compression'],
  [{ onDrop: 'log' }, 'onDrop'],
  [{ onDelivered: {} }, 'onDelivered'],
  [{ flush_at: 5 }, 'flush_at'],
  [{ timeoutMs: 5 }, 'timeoutMs'],
  [null, 'options'],
  [[], 'options'],
];

for (const [options, option] of WRONG) {
  test(`wrong configuration of a queue: ${option} in ${JSON.stringify(options)}`, async () => {
    const client = new Client('phc_x', { host: receiver.url });
    assert.throws(() => client.queue(options), (error) => error instanceof ConfigError && error.option === option);
    await client.close();
  });
}

test('only a client makes queues', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  for (const given of [[], [client], [client, {}]]) {
    assert.throws(() => new Queue(...given), { name: 'TypeError', message: 'a queue is made by its client: client.queue({ ... })' });
  }
  await client.close();
});

test('every option is taken', async (context) => {
  const values = { overflow: 'drop_oldest', compression: 'gzip', maxBatchBytes: 1_000_000, maxQueueBytes: 1_000_000 };
  const { queue } = queueOf(context, Object.fromEntries(QUEUE_OPTIONS.map((name) => [name, values[name] ?? 7])));
  assert.ok(queue.createEvent(EVENT).queued);
});

test('each operation gives a receipt, and the receiver has what it stands for', async (context) => {
  const { queue } = queueOf(context);
  const receipts = [
    queue.createAlias({ distinctId: 'user-1', alias: 'visitor-1' }),
    queue.createEvent({ distinctId: 'user-12345', eventName: 'User Signed Up', properties: { plan: 'premium' } }),
    queue.createIdentity({ distinctId: 'user-1', email: 'ada@example.com' }),
    queue.identifyGroup({ groupType: 'company', groupKey: 'acme', propertiesSet: { plan: 'pro' } }),
    queue.trackPage({ distinctId: 'user-1', pageUrl: 'https://example.com/pricing' }),
    queue.trackScreen({ distinctId: 'user-1', screenViewName: 'Checkout' }),
    queue.execute('event', { DistinctId: 'user-1', EventName: 'by name' }),
    queue.execute('event', '{"DistinctId": "user-1", "EventName": "by text"}'),
  ];
  for (const receipt of receipts) {
    assert.ok(receipt instanceof Receipt && Object.isFrozen(receipt) && receipt.ok && receipt.queued);
    assert.equal(receipt.errorCode + receipt.errorMessage, 'ok');
  }
  const report = await queue.flush();
  assert.ok(report instanceof Report && Object.isFrozen(report) && Object.isFrozen(report.dropped));
  assert.deepEqual([report.delivered, report.accepted, report.stored, report.pending], [8, 8, 0, 0]);
  const stored = await receiver.stored();
  assert.deepEqual(stored.map(({ data }) => data.event), [
    '$create_alias', 'User Signed Up', '$identify', '$groupidentify', '$pageview', '$screen', 'by name', 'by text',
  ]);
  assert.deepEqual(stored.map(({ uuid }) => uuid), receipts.map(({ eventUuid }) => eventUuid));
  assert.equal(stored[1].data.properties.plan, 'premium');
  assert.equal((await receiver.requests()).length, 1, 'one request');
});

test('what is invalid is in the receipt, and nothing throws', async (context) => {
  const { queue } = queueOf(context);
  const cyclic = {};
  cyclic.self = cyclic;
  for (const [parameters, code, parameter] of [
    [undefined, 'required', 'DistinctId'],
    [null, 'required', 'DistinctId'],
    ['text', 'invalid_json', 'Input'],
    [new Map(), 'invalid_json', 'Input'],
    [{ distinctId: 'u' }, 'required', 'EventName'],
    [{ ...EVENT, eventname: 1 }, 'unknown_parameter', 'eventname'],
    [{ ...EVENT, operation: 'event' }, 'unknown_parameter', 'operation'],
    [{ ...EVENT, properties: { a: NaN } }, 'not_finite', 'Properties.a'],
    [{ ...EVENT, properties: { $a: cyclic } }, 'cycle', 'Properties.$a.self'],
    [{ ...EVENT, properties: { get a() { throw new Error('no'); } } }, 'unreadable_value', 'Properties.a'],
    [new Proxy({}, { ownKeys() { throw new Error('no'); } }), 'unreadable_value', 'Input'],
  ]) {
    const receipt = queue.createEvent(parameters);
    assert.deepEqual([receipt.queued, receipt.ok, receipt.errorCode, receipt.eventUuid], [false, false, 'invalid_input', null]);
    assert.ok(receipt.findings.some((finding) => finding.code === code && finding.parameter === parameter), JSON.stringify(receipt));
    assert.equal(receipt.toJSON().Findings.length, receipt.findings.length);
  }
  assert.equal(queue.createEvent({ ...EVENT, distinctId: ' u ' }).warnings[0].code, 'trimmed');
  assert.equal(queue.identifyGroup({ groupType: 'company', groupKey: 2 ** 60 }).findings[0].parameter, 'GroupKey');
  assert.throws(() => queue.execute('capture', {}), TypeError);
  assert.deepEqual(Object.keys(queue.createEvent({}).toJSON()), ['EventUuid', 'Queued', 'ErrorCode', 'ErrorMessage', 'Findings', 'Warnings']);
});

test('a panic inside is a receipt', (context) => {
  const { queue } = queueOf(context);
  const receipt = queue[provokePanic]();
  assert.deepEqual([receipt.queued, receipt.errorCode], [false, 'internal']);
  assert.match(receipt.errorMessage, /^hogwire is at fault, please report it: .*provoked by a test/);
  assert.ok(queue.createEvent(EVENT).queued, 'the queue goes on');
});

test('changing an object after the push changes nothing that is sent', async (context) => {
  const { queue } = queueOf(context);
  const parameters = { distinctId: 'u-1', eventName: 'before', properties: { plan: 'before', $nested: { list: [1] } } };
  queue.createEvent(parameters);
  parameters.eventName = 'after';
  parameters.properties.plan = 'after';
  parameters.properties.$nested.list.push(2);
  await queue.flush();
  const [{ data: { event, properties } }] = await receiver.stored();
  assert.deepEqual([event, properties.plan, properties.$nested], ['before', 'before', { list: [1] }]);
});

test('a flush with nothing pending makes no request', async (context) => {
  const { queue } = queueOf(context);
  const report = await queue.flush();
  assert.deepEqual(report.toJSON(), { Delivered: 0, Accepted: 0, Stored: 0, Pending: 0, Dropped: [], DroppedTotal: 0, LastError: '' });
  assert.equal((await receiver.requests()).length, 0);
});

test('a wrong time to wait is named, and so is an option that does not exist', async (context) => {
  const { queue } = queueOf(context);
  for (const [options, option] of [
    [5_000, 'timeoutMs'],
    ['soon', 'timeoutMs'],
    [{ timeoutMs: -1 }, 'timeoutMs'],
    [{ timeoutMs: NaN }, 'timeoutMs'],
    [{ timeoutMs: '5' }, 'timeoutMs'],
    [{ timeout: 500 }, 'timeout'],
    [{ timeoutMs: 500, closeTimeoutMs: 500 }, 'closeTimeoutMs'],
    [{ timeout_ms: undefined }, 'timeout_ms'],
    [[], 'options'],
    [[500], 'options'],
  ]) {
    const isNamed = (error) => error instanceof ConfigError && error.option === option;
    await assert.rejects(queue.flush(options), isNamed);
    await assert.rejects(queue.close(options), isNamed);
    assert.throws(() => queue.closeSync(options), isNamed);
  }
  assert.ok(queue.createEvent(EVENT).queued, 'it is still open');
  assert.equal((await queue.flush({ timeoutMs: Infinity })).delivered, 1);
});

test('enough events go out by themselves, and so do old ones', async (context) => {
  const { queue } = queueOf(context, { flushAt: 3, flushIntervalMs: 3_600_000 });
  push(queue, 3);
  await until(() => queue.stats().events_delivered_total === 3);
  const { queue: other } = queueOf(context, { flushAt: 100, flushIntervalMs: 50 });
  push(other, 2);
  await until(() => other.stats().events_delivered_total === 2);
});

test('captures after close say so, and closing again is fine', async (context) => {
  const { queue } = queueOf(context);
  push(queue, 2);
  const closing = queue.close();
  assert.equal(queue.createEvent(EVENT).errorCode, 'closed', 'at once');
  assert.equal((await closing).delivered, 2);
  assert.deepEqual((await queue.close()).toJSON(), { Delivered: 0, Accepted: 0, Stored: 0, Pending: 0, Dropped: [], DroppedTotal: 0, LastError: '' });
  assert.equal(queue.closeSync().delivered, 0);
  assert.equal((await queue.flush()).delivered, 0);
});

test('when a flush resolves, the hooks have been told', async (context) => {
  const { told, hooks } = listening();
  const { queue } = queueOf(context, { ...PATIENT, ...hooks });
  for (let round = 1; round <= 50; round += 1) {
    push(queue, 2);
    assert.equal((await queue.flush()).delivered, 2);
    assert.equal(told.delivered.length, 2 * round);
  }
});

test('closeSync delivers, and tells the hooks before it returns', (context) => {
  const { told, hooks } = listening();
  const { queue } = queueOf(context, { ...PATIENT, ...hooks });
  push(queue, 5);
  assert.equal(queue.closeSync({ timeoutMs: 10_000 }).delivered, 5);
  assert.equal(told.delivered.length, 5);
});

test('disposing closes', async (context) => {
  const { queue } = queueOf(context);
  queue.createEvent(EVENT);
  await queue[Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]();
  const { queue: other } = queueOf(context);
  other.createEvent(EVENT);
  other[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
  assert.equal((await receiver.stored()).length, 2);
  assert.deepEqual([queue.createEvent(EVENT).errorCode, other.createEvent(EVENT).errorCode], ['closed', 'closed']);
});

test('five 503s, then delivered by a close', async (context) => {
  await receiver.script(...Array.from({ length: 5 }, () => ({ status: 503 })));
  const { told, hooks } = listening();
  const { queue } = queueOf(context, { ...PATIENT, ...hooks, maxRetries: 10 });
  const uuids = push(queue, 10).map(({ eventUuid }) => eventUuid);
  const report = await queue.close({ timeoutMs: 30_000 });
  assert.deepEqual([report.delivered, report.pending, report.droppedTotal], [10, 0, 0]);
  assert.match(report.lastError, /503/);
  assert.deepEqual(told.errors, Array(5).fill('server_error'));
  assert.deepEqual(told.delivered, uuids.map((uuid) => [uuid, 'accepted']), 'hooks are told before a close resolves');
  assert.deepEqual((await receiver.stored()).map(({ uuid }) => uuid), uuids);
});

test('an outage: a flush gives back what is left, a later one delivers it', async (context) => {
  await receiver.script({ status: 503 }, { status: 503 });
  const { queue } = queueOf(context, { ...PATIENT, maxRetries: 1 });
  push(queue, 3);
  const report = await queue.flush();
  assert.deepEqual([report.delivered, report.pending, report.droppedTotal], [0, 3, 0]);
  assert.deepEqual([(await queue.flush()).delivered, queue.stats().events_retried_total], [3, 6]);
});

test('a close that runs out of time names what is left', async (context) => {
  await receiver.script(...Array.from({ length: 50 }, () => ({ status: 503 })));
  const { told, hooks } = listening();
  const { queue } = queueOf(context, { ...PATIENT, ...hooks });
  const uuids = push(queue, 3).map(({ eventUuid }) => eventUuid);
  const report = await queue.close({ timeoutMs: 50 });
  assert.deepEqual(report.dropped.map(({ uuid, reason }) => [uuid, reason]), uuids.map((uuid) => [uuid, 'shutdown']));
  assert.deepEqual([report.droppedTotal, report.pending], [3, 0]);
  assert.deepEqual(told.drops, report.dropped);
  assert.ok(Object.isFrozen(told.drops[0]));
});

test('one poison event among a hundred is dropped by name', async (context) => {
  const transport = recordingTransport();
  const refuse = ({ body }) => ({ status: String(body).includes('"poison"') ? 400 : 200, body: '{"status":"Ok"}' });
  transport.answer(...Array.from({ length: 100 }, () => refuse));
  const { queue } = queueOf(context, { ...PATIENT, compression: 'none' }, { transport });
  const receipts = Array.from({ length: 100 }, (_, index) => queue.createEvent({ distinctId: `u-${index}`, eventName: index === 42 ? 'poison' : 'e' }));
  const report = await queue.flush();
  assert.deepEqual([report.delivered, report.pending, report.droppedTotal], [99, 0, 1]);
  assert.deepEqual([report.dropped[0].uuid, report.dropped[0].reason], [receipts[42].eventUuid, 'rejected']);
  const accepted = transport.requests.filter(({ isAccepted }) => isAccepted).flatMap(({ body }) => body.batch);
  assert.deepEqual([accepted.length, transport.events.length], [99, 100]);
});

test('hooks that throw, or reject, break nothing, and of each there is a warning, once', async (context) => {
  const warnings = [];
  const onWarning = ({ name, message, detail }) => warnings.push([name, message, /mine\n +at /.test(detail)]);
  process.on('warning', onWarning);
  context.after(() => process.off('warning', onWarning));
  await receiver.script({ status: 503 });
  let told = 0;
  const failing = async () => {
    told += 1;
    throw new Error('mine');
  };
  const throwing = () => {
    told += 1;
    throw new Error('mine');
  };
  const beforeSend = (event) => (event.event === 'drop' ? null : event);
  const { queue } = queueOf(context, { ...PATIENT, onDrop: throwing, onError: throwing, onDelivered: failing }, { beforeSend });
  push(queue, 2);
  push(queue, 3, 'drop');
  assert.deepEqual([(await queue.close()).delivered, told], [2, 5]);
  await until(() => warnings.length >= 3);
  const expected = ['onDelivered', 'onDrop', 'onError'].map((hook) => ['HogwireWarning', `${hook} of a queue threw: mine`, true]);
  assert.deepEqual(warnings.sort(), expected);
});

test('hooks are told when the event loop comes to them, not inside the call', async (context) => {
  const { told, hooks } = listening();
  const { queue } = queueOf(context, { ...hooks, maxQueueBytes: 1 }, { beforeSend: (event) => (event.event === 'drop' ? null : event) });
  const receipts = [...push(queue, 1, 'drop'), ...push(queue, 1)];
  assert.deepEqual(receipts.map(({ errorCode }) => errorCode), ['dropped', 'queue_full']);
  assert.deepEqual(told.drops, []);
  await Promise.resolve();
  assert.deepEqual(told.drops, [], 'a promise that is settled is no turn of the event loop');
  await until(() => told.drops.length === 2);
  assert.deepEqual(told.drops.map(({ reason }) => reason), ['before_send', 'overflow']);
});

test('hooks may use the queue, and close it', async (context) => {
  const receipts = [];
  const reports = [];
  const { queue } = queueOf(context, {
    ...PATIENT,
    onDelivered: () => {
      receipts.push(queue.createEvent(EVENT));
      if (receipts.length === 1) queue.flush().then((report) => reports.push(report));
      else reports.push(queue.closeSync());
    },
  });
  queue.createEvent(EVENT);
  await queue.flush();
  await until(() => reports.length >= 2);
  assert.equal(queue.createEvent(EVENT).errorCode, 'closed');
  assert.equal(queue.stats().events_delivered_total, 3);
});

test('a full queue rejects, and says so to onDrop', async (context) => {
  const { told, hooks } = listening();
  const { queue, letGo } = await busyQueue(context, hooks);
  const receipts = push(queue, 5);
  assert.deepEqual(receipts.map(({ errorCode }) => errorCode), ['ok', 'ok', 'ok', 'queue_full', 'queue_full']);
  letGo();
  const report = await queue.close();
  assert.deepEqual([report.delivered, report.droppedTotal], [4, 2]);
  assert.deepEqual(told.drops.map(({ uuid, reason }) => [uuid, reason]), receipts.slice(3).map(({ eventUuid }) => [eventUuid, 'overflow']));
});

test('a full queue drops the oldest, if told to', async (context) => {
  const { queue, letGo } = await busyQueue(context, { overflow: 'drop_oldest' });
  const receipts = push(queue, 5);
  assert.ok(receipts.every(({ queued }) => queued));
  letGo();
  const report = await queue.close();
  assert.deepEqual(report.dropped.map(({ uuid }) => uuid), receipts.slice(0, 2).map(({ eventUuid }) => eventUuid));
  assert.equal(report.delivered, 4);
});

/** More than a call takes arguments. */
const VERY_MANY = 150_000;
const uuidsOf = (list) => list.map(({ uuid, eventUuid }) => uuid ?? eventUuid);

test('hooks are told of any number of events that were dropped in one turn of the event loop', async (context) => {
  const { told, hooks } = listening();
  const { queue } = queueOf(context, { ...hooks, maxQueueBytes: 1 });
  const receipts = push(queue, VERY_MANY);
  await until(() => told.drops.length === VERY_MANY);
  assert.deepEqual(uuidsOf(told.drops), uuidsOf(receipts));
});

test('closeSync tells hooks of any number of events that waited', async () => {
  const { told, hooks } = listening();
  const client = new Client('phc_x', { transport: recordingTransport() });
  const queue = client.queue({ flushAt: VERY_MANY + 1, flushIntervalMs: 3_600_000, maxQueueEvents: VERY_MANY, ...hooks });
  const receipts = push(queue, VERY_MANY);
  assert.equal(queue.closeSync().droppedTotal, VERY_MANY);
  assert.deepEqual(uuidsOf(told.drops), uuidsOf(receipts));
  await client.close();
});

test('a hook that closes its queue is told the rest inside, in order', async () => {
  const told = [];
  let answer;
  let toldInside;
  const client = new Client('phc_x', { transport: () => new Promise((resolve) => (answer = resolve)) });
  const onDrop = ({ uuid }) => {
    told.push(uuid);
    if (told.length !== 2) return;
    queue.closeSync();
    toldInside = told.length;
  };
  const queue = client.queue({ ...PATIENT, flushAt: 1, maxInFlight: 1, maxQueueEvents: 2, onDrop });
  const sent = push(queue, 1);
  // From now on, a full queue has no way to go.
  await until(() => answer !== undefined);
  const receipts = push(queue, 5);
  await until(() => told.length === 6);
  assert.equal(toldInside, 6);
  const refused = receipts.filter(({ queued }) => !queued);
  assert.deepEqual(told, uuidsOf([...refused, ...sent, ...receipts.filter(({ queued }) => queued)]));
  answer({ status: 200, body: '{"status":"Ok"}' });
  await client.close();
});

test('a full queue blocks, if told to, and loses nothing', async (context) => {
  const { queue } = queueOf(context, { maxQueueEvents: 10, overflow: 'block', blockTimeoutMs: 20_000 });
  const receipts = push(queue, 200);
  assert.ok(receipts.every(({ queued }) => queued));
  assert.equal((await queue.close({ timeoutMs: 20_000 })).delivered, 200);
});

test('blocking gives up in time', async (context) => {
  await receiver.script(...Array.from({ length: 50 }, () => ({ status: 503 })));
  const { queue } = queueOf(context, { ...PATIENT, maxQueueEvents: 1, maxInFlight: 1, overflow: 'block', blockTimeoutMs: 30 });
  assert.equal(push(queue, 5).at(-1).errorCode, 'queue_full');
});

test('while opted out nothing is queued; on again, it works', async (context) => {
  const { client, queue } = queueOf(context);
  client.optOut();
  assert.deepEqual([queue.createEvent(EVENT).errorCode, queue.createEvent(EVENT).queued], ['opted_out', false]);
  client.optIn();
  assert.ok(queue.createEvent(EVENT).queued);
  assert.equal((await queue.flush()).delivered, 1);
  assert.equal((await receiver.stored()).length, 1);
});

test('a disabled client’s queue takes nothing', async () => {
  const client = new Client('', { disabled: true });
  const queue = client.queue();
  assert.equal(queue.createEvent(EVENT).errorCode, 'disabled');
  await queue.close();
  await client.close();
});

test('beforeSend changes, drops and fails as for single calls', async (context) => {
  const { told, hooks } = listening();
  const beforeSend = (event) => {
    if (event.event === 'drop') return null;
    if (event.event === 'throw') throw new Error('mine');
    event.properties.seen = true;
    return event;
  };
  const { queue } = queueOf(context, { ...PATIENT, ...hooks }, { beforeSend });
  const [changed] = push(queue, 1, 'change');
  const [dropped] = push(queue, 1, 'drop');
  const [failed] = push(queue, 1, 'throw');
  assert.deepEqual([changed.errorCode, dropped.errorCode, failed.errorCode], ['ok', 'dropped', 'dropped']);
  assert.equal(failed.warnings[0].code, 'before_send_failed');
  const report = await queue.close();
  assert.deepEqual(report.dropped.map(({ uuid, reason }) => [uuid, reason]), [dropped, failed].map(({ eventUuid }) => [eventUuid, 'before_send']));
  assert.deepEqual(told.drops, report.dropped);
  assert.equal((await receiver.stored())[0].data.properties.seen, true);
});

test('concurrent flushes, pushes and a close: the counts add up', async (context) => {
  const { queue } = queueOf(context, { flushAt: 10 });
  const reports = [];
  let queued = 0;
  for (let round = 0; round < 50; round += 1) {
    queued += push(queue, 20).filter((receipt) => receipt.queued).length;
    reports.push(queue.flush());
    if (round === 40) reports.push(queue.close({ timeoutMs: 20_000 }));
    await new Promise(setImmediate);
  }
  const counts = (await Promise.all(reports)).map(({ delivered, droppedTotal }) => delivered + droppedTotal);
  assert.equal(queued, 41 * 20);
  assert.equal(counts.reduce((sum, count) => sum + count), queued);
  assert.equal((await receiver.stored()).length, queued);
});

for (const delay of [0, 50]) {
  test(`100,000 events in a tight loop, ${delay} ms an answer: none is lost`, { timeout: 240_000 }, async (context) => {
    // Steps are used up one a request; more than there can be.
    if (delay > 0) await receiver.script(...Array.from({ length: 1_200 }, () => ({ delay_ms: delay })));
    const { queue } = queueOf(context, {});
    const named = new Set();
    for (let index = 0; index < 100_000; index += 1) {
      const { eventUuid, queued } = queue.createEvent({ distinctId: `u-${index % 100}`, eventName: 'e', properties: { index } });
      assert.ok(queued || queue.stats().events_dropped_total.overflow > 0);
      named.add(eventUuid);
    }
    const report = await queue.close({ timeoutMs: 120_000 });
    for (const { uuid } of await receiver.stored()) named.delete(uuid);
    for (const { uuid } of report.dropped) named.delete(uuid);
    assert.deepEqual([named.size, report.pending, report.delivered + report.droppedTotal], [0, 0, 100_000]);
  });
}

test('objects that cannot be looked at are answered, not thrown', async (context) => {
  const client = new Client('phc_x', { host: receiver.url });
  context.after(() => client.close());
  const queue = client.queue();
  context.after(() => queue.close());
  const thrower = () => {
    throw new Error('no');
  };
  const proxy = new Proxy({ distinctId: 'u', eventName: 'e' }, { getPrototypeOf: thrower });
  assert.ok(queue.createEvent(proxy).queued);
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(queue.createEvent(revoked).errorCode, 'invalid_input');
});

test('an event that no room is enough for is refused at once, and makes none', async (context) => {
  const client = new Client('phc_x', { host: receiver.url });
  context.after(() => client.close());
  const queue = client.queue({ overflow: 'block', blockTimeoutMs: 60_000, maxQueueBytes: 1_000 });
  context.after(() => queue.close());
  const receipt = queue.createEvent({ distinctId: 'u', eventName: 'e', properties: { pad: 'x'.repeat(2_000) } });
  assert.deepEqual([receipt.queued, receipt.errorCode], [false, 'queue_full']);
  assert.match(receipt.errorMessage, /more than a queue of 1000 takes; raise maxQueueBytes/);
});
