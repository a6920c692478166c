'use strict';
/** Batches, groups, uuids of keys, and protocol v1. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, Outcome, build, uuidFrom } = require('..');
const { startReceiver, useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();
const codes = (outcomes) => outcomes.map(({ statusCode, findings }) => [statusCode, findings[0]?.code, findings[0]?.parameter]);

function clientOf(context, options = {}) {
  const client = new Client('phc_x', { host: receiver.url, ...options });
  context.after(() => client.close());
  return client;
}

test('a batch gives one outcome each, in order, out of one request', async (context) => {
  const outcomes = await clientOf(context).sendBatch([
    { operation: 'event', distinctId: 'u-1', eventName: 'Paid', properties: { amount: 12n } },
    { operation: 'event', distinctId: 'u-1' },
    { operation: 'capture', distinctId: 'u-1' },
    { distinctId: 'u-1', eventName: 'Paid' },
    { operation: 7 },
    { operation: 'constructor' },
    null,
    'text',
    [],
    { operation: 'event', distinctId: 'u-1', eventName: 'e', properties: { a: NaN } },
    { operation: 'group', groupType: 'company', groupKey: 'acme', propertiesSet: { plan: 'pro' } },
    { get operation() { throw new Error('no'); } },
    { operation: 'event', distinctId: 'u-1', get eventName() { throw new Error('no'); } },
    { operation: 'page', distinctId: 'u-1', pageUrl: new URL('https://example.com/thanks') },
  ]);
  assert.ok(outcomes.every((outcome) => outcome instanceof Outcome));
  const unknown = [-1, 'unknown_parameter', 'Operation'];
  const noInput = [-1, 'invalid_json', 'Input'];
  assert.deepEqual(codes(outcomes), [
    [200, undefined, undefined], [-1, 'required', 'EventName'], unknown, [-1, 'required', 'Operation'], [-1, 'invalid_type', 'Operation'], unknown,
    noInput, noInput, noInput, [-1, 'not_finite', 'Properties.a'], [200, undefined, undefined], [-1, 'unreadable_value', 'Input'], [-1, 'unreadable_value', 'EventName'], [200, undefined, undefined],
  ]);
  const stored = await receiver.stored();
  assert.deepEqual(stored.map(({ data }) => data.event), ['Paid', '$groupidentify', '$pageview']);
  assert.deepEqual([stored[0].uuid, stored[0].data.properties.amount], [outcomes[0].eventUuid, 12]);
  assert.equal((await receiver.requests()).length, 1);
});

test('an operation in the reference’s spelling is an unknown name, and what was meant is said', async (context) => {
  const [respelled, all, twice, unknown, missing] = await clientOf(context).sendBatch([
    { Operation: 'event', distinctId: 'u-1', eventName: 'e' },
    { Operation: 'page', DistinctId: 'u-1', pageUrl: 'https://example.com' },
    { operation: 'event', Operation: 'event', distinctId: 'u-1', eventName: 'e' },
    { Operation: 'capture' },
    { operation: undefined },
  ]);
  assert.deepEqual(respelled.findings.map(({ code, parameter }) => [code, parameter]), [['unknown_parameter', 'Operation']]);
  assert.equal(respelled.errorMessage, 'The operation event has no parameter Operation; did you mean operation?');
  assert.match(all.errorMessage, /The operation page has no parameter Operation; did you mean operation\?.* no parameter DistinctId; did you mean distinctId\?/);
  assert.match(twice.errorMessage, /did you mean operation\?/);
  assert.match(unknown.errorMessage, /there is no operation "capture"/);
  assert.match(missing.errorMessage, /Operation is missing/);
});

test('what is no list, or an empty one', async (context) => {
  const client = clientOf(context);
  for (const given of [undefined, null, 'text', {}, new Set()]) {
    const [outcome, ...others] = await client.sendBatch(given);
    assert.deepEqual([codes([outcome]), others], [[[-1, 'invalid_json', 'Input']], []]);
    assert.match(outcome.errorMessage, /^The batch is [^;]+; give a list of objects/);
  }
  assert.deepEqual(await client.sendBatch([]), []);
  assert.equal((await receiver.requests()).length, 0);
});

test('hooks see the events of a batch', async (context) => {
  const client = clientOf(context, { beforeSend: (event) => (event.event === 'no' ? null : event) });
  const outcomes = await client.sendBatch(['yes', 'no'].map((eventName) => ({ operation: 'event', distinctId: 'u', eventName })));
  assert.deepEqual(outcomes.map(({ errorCode }) => errorCode), ['ok', 'dropped']);
});

test('a batch of a closed client is answered', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const pending = client.sendBatch([{ operation: 'event', distinctId: 'u', eventName: 'e' }]);
  await client.close();
  assert.equal((await pending)[0].statusCode, 200);
  assert.equal((await client.sendBatch([{ operation: 'event', distinctId: 'u', eventName: 'e' }]))[0].errorCode, 'closed');
});

test('a group is identified', async (context) => {
  const client = clientOf(context);
  assert.equal((await client.identifyGroup({ groupType: 'company', groupKey: 'acme', propertiesSet: { plan: 'pro' } })).statusCode, 200);
  assert.equal((await client.identifyGroup({ groupType: 'company', groupKey: '' })).findings[0].parameter, 'GroupKey');
  const [{ data }] = await receiver.stored();
  assert.deepEqual([data.event, data.properties.$group_key, data.properties.$group_set], ['$groupidentify', 'acme', { plan: 'pro' }]);
});

test('the uuid of a key stays the same', async (context) => {
  assert.match(uuidFrom('order-1234'), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/);
  assert.equal(uuidFrom('order-1234'), uuidFrom('order-1234'));
  assert.notEqual(uuidFrom('order-1234'), uuidFrom('order-1235'));
  for (const key of [undefined, null, 7, {}, Symbol('k')]) assert.throws(() => uuidFrom(key), TypeError);
  const outcome = await clientOf(context).createEvent({ distinctId: 'u', eventName: 'e', uuid: uuidFrom('k') });
  assert.equal(outcome.eventUuid, uuidFrom('k'));
});

test('historicalMigration is asked for, and doubtful times are named', () => {
  const options = { apiKey: 'phc_x', historicalMigration: true };
  const request = build('event', { DistinctId: 'u', EventName: 'e' }, options);
  assert.equal(request.warnings[0].code, 'historical_timestamp');
  assert.equal(JSON.parse(request.body).historical_migration, true);
});

test('over v1 every event is answered for: stored, dropped, sent again', async (context) => {
  const v1 = await startReceiver(context, '--v1');
  const client = clientOf(context, { host: v1.url, protocol: 'v1', compression: 'deflate' });
  assert.equal((await client.createEvent({ distinctId: 'u', eventName: 'e' })).delivery, 'stored');
  const told = [];
  const queue = client.queue({ onDelivered: (uuids, delivery) => told.push([uuids.length, delivery]) });
  await v1.script({ results: [null, { result: 'drop', details: 'no' }, { result: 'retry' }] });
  const receipts = ['a', 'b', 'c'].map((eventName) => queue.createEvent({ distinctId: 'u', eventName }));
  const report = await queue.close();
  assert.deepEqual([report.delivered, report.droppedTotal, report.pending], [2, 1, 0]);
  assert.deepEqual([report.dropped[0].uuid, report.dropped[0].reason], [receipts[1].eventUuid, 'server_drop']);
  assert.equal(told.reduce((sum, [count]) => sum + count, 0), 2);
});

test('auto falls back to v0 where there is no v1', async (context) => {
  const client = clientOf(context, { protocol: 'auto' });
  const outcome = await client.createEvent({ distinctId: 'u', eventName: 'e' });
  assert.deepEqual([outcome.statusCode, outcome.delivery], [200, 'accepted']);
});

test('what cannot be looked at is an item that is no input, and takes no other with it', async (context) => {
  const client = clientOf(context);
  const good = { operation: 'event', distinctId: 'u-1', eventName: 'e' };
  const thrower = () => {
    throw new Error('no');
  };
  const revoked = (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const list = Object.defineProperty([good, good, good], 1, { get: thrower });
  const noInput = [-1, 'invalid_json', 'Input'];
  const fine = [200, undefined, undefined];
  const unreadable = [-1, 'unreadable_value', 'Input'];
  assert.deepEqual(codes(await client.sendBatch(list)), [fine, unreadable, fine]);
  assert.deepEqual(codes(await client.sendBatch([good, revoked({})])), [fine, unreadable]);
  assert.deepEqual(codes(await client.sendBatch(revoked([]))), [noInput]);
  assert.deepEqual(codes(await client.sendBatch(new Proxy([good], { get: thrower }))), [noInput]);
  const iterated = Object.assign([good], { [Symbol.iterator]: thrower });
  assert.deepEqual(codes(await client.sendBatch(iterated)), [fine]);
});
