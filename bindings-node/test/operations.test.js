'use strict';
/** The five operations: what arrives at the server, and what comes back. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, OPERATIONS, build } = require('..');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();

test('the walk-through: a sign-up is accepted and stored as the contract says', async () => {
  const client = new Client('phc_walkthrough', { host: receiver.url });
  const outcome = await client.createEvent({
    distinctId: 'user-12345',
    eventName: 'User Signed Up',
    properties: { plan: 'premium', source: 'web_form' },
  });
  assert.equal(outcome.statusCode, 200);
  assert.equal(outcome.originalStatusCode, 200);
  assert.equal(outcome.errorMessage, '');
  assert.equal(outcome.delivery, 'accepted');
  assert.deepEqual(outcome.data, { status: 'Ok' });

  const [{ data, token }, ...others] = await receiver.stored();
  assert.equal(others.length, 0);
  assert.equal(token, 'phc_walkthrough');
  assert.equal(data.event, 'User Signed Up');
  assert.equal(data.distinct_id, 'user-12345');
  assert.equal(data.uuid, outcome.eventUuid);
  assert.match(data.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(data.properties, {
    plan: 'premium',
    source: 'web_form',
    $lib: 'hogwire-node',
    $lib_version: require('../package.json').version,
    $is_server: true,
    $geoip_disable: true,
  });
  await client.close();
});

const OPERATION_CASES = [
  ['createAlias', { distinctId: 'u-1', alias: 'u-2' }, '$create_alias', { alias: 'u-2', distinct_id: 'u-1' }],
  ['createEvent', { distinctId: 'u-1', eventName: 'Paid', groups: { company: 7 } }, 'Paid', { $groups: { company: 7 } }],
  [
    'createIdentity',
    { distinctId: 'u-1', email: 'ada@example.com', referralSource: 'mail', anonymousId: 'v-1', propertiesUnset: ['old'] },
    '$identify',
    { $set: { email: 'ada@example.com' }, $set_once: { referral_source: 'mail' }, $anon_distinct_id: 'v-1', $unset: ['old'] },
  ],
  [
    'trackPage',
    { distinctId: 'u-1', pageUrl: new URL('https://example.com/pricing?utm_source=mail'), pageName: 'Pricing' },
    '$pageview',
    { $current_url: 'https://example.com/pricing?utm_source=mail', $pathname: '/pricing', title: 'Pricing', utm_source: 'mail' },
  ],
  [
    'trackScreen',
    { distinctId: 'u-1', screenViewName: 'Checkout', deviceType: 'iPad' },
    '$screen',
    { $screen_name: 'Checkout', $device_type: 'Tablet', $os: 'iOS' },
  ],
];

for (const [method, parameters, event, properties] of OPERATION_CASES) {
  test(`${method} arrives as ${event}`, async () => {
    const client = new Client('phc_x', { host: receiver.url });
    const outcome = await client[method](parameters);
    assert.equal(outcome.statusCode, 200, outcome.errorMessage);
    const [{ data }] = await receiver.stored();
    assert.equal(data.event, event);
    for (const [name, value] of Object.entries(properties)) assert.deepEqual(data.properties[name], value, name);
    await client.close();
  });
}

test('execute takes any operation by name, as an object or as text', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const input = { DistinctId: 'u-1', ScreenViewName: 'Home' };
  assert.ok((await client.execute('screen', input)).ok);
  assert.ok((await client.execute('screen', JSON.stringify(input))).ok);
  assert.equal((await receiver.stored()).length, 2);
  await client.close();
});

test('execute knows the reference’s spelling and methods know ours', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const camel = await client.execute('event', { distinctId: 'u-1', EventName: 'e' });
  assert.deepEqual(codes(camel), [['required', 'DistinctId'], ['unknown_parameter', 'distinctId']]);
  assert.match(camel.errorMessage, /no parameter distinctId; did you mean DistinctId\?/);
  const pascal = await client.createEvent({ DistinctId: 'u-1', eventName: 'e' });
  assert.deepEqual(codes(pascal), [['required', 'DistinctId'], ['unknown_parameter', 'DistinctId']]);
  assert.match(pascal.errorMessage, /no parameter DistinctId; did you mean distinctId\?/);
  const other = await client.createEvent({ distinctId: 'u-1', event: 'e' });
  assert.match(other.errorMessage, /no parameter event; it takes distinctId, eventName, /);
  await client.close();
});

test('what is no input is told what one is, in words that fit whatever was called', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const queue = client.queue();
  for (const [given, kind] of [
    ['x', 'text'],
    ['{"distinctId":"u"}', 'text'],
    [7, '7'],
    [[], 'a list'],
    [new Map(), 'a Map'],
    [new Date(), 'a Date'],
    [Promise.resolve({}), 'a Promise'],
    [() => {}, 'a function'],
  ]) {
    const message = `The input is ${kind}; give an object of parameters and values.`;
    for (const told of [await client.createEvent(given), await client.identifyGroup(given), queue.trackPage(given)]) {
      assert.deepEqual([told.errorCode, told.errorMessage, told.findings[0].message], ['invalid_input', message, message]);
    }
  }
  const told = [await client.execute('event', 7), queue.execute('event', []), build('event', 7, { apiKey: 'phc_x' }), ...(await client.sendBatch(['x']))];
  assert.deepEqual(told.map(({ errorMessage }) => errorMessage.split(';')[0]), ['7', 'a list', '7', 'text'].map((kind) => `The input is ${kind}`));
  await client.close();
});

test('an unknown operation rejects and does not throw', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const known = 'alias, event, group, identity, page, screen';
  for (const name of ['capture', 'constructor', '__proto__']) {
    await assert.rejects(client.execute(name, {}), { name: 'TypeError', message: `there is no operation "${name}"; use one of ${known}` });
  }
  for (const [other, kind] of [[undefined, 'undefined'], [null, 'null'], [7, '7'], [Symbol('event'), 'a symbol'], [['event'], 'a list'], [Object.create(null), 'an object'],
    [Promise.resolve('event'), 'a Promise'], [() => 'event', 'a function']]) {
    await assert.rejects(client.execute(other, {}), { name: 'TypeError', message: `operation must be one of ${known}, not ${kind}` });
  }
  await client.close();
});

/** A key where a name belongs: arguments get swapped. */
const KEY = 'phc_realSecret7';

test('a key is not repeated when it stands where an operation belongs', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const queue = client.queue();
  const message = 'there is no operation "phc_***"; use one of alias, event, group, identity, page, screen';
  await assert.rejects(client.execute(KEY, {}), { name: 'TypeError', message });
  assert.throws(() => queue.execute(KEY, {}), { name: 'TypeError', message });
  assert.throws(() => build(KEY, {}, { apiKey: 'phc_x' }), { name: 'TypeError', message });
  const [outcome] = await client.sendBatch([{ operation: KEY, distinctId: 'u-1', eventName: 'e' }]);
  assert.equal(outcome.errorMessage, `${message}.`);
  assert.ok(!JSON.stringify(outcome).includes(KEY));
  await client.close();
});

test('outcomes are frozen, and toJSON spells them as the reference does', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const outcome = await client.createEvent({ distinctId: ' u-1 ', eventName: '' });
  assert.throws(() => {
    outcome.statusCode = 200;
  }, TypeError);
  assert.ok(Object.isFrozen(outcome) && Object.isFrozen(outcome.findings) && Object.isFrozen(outcome.findings[0]));
  const json = JSON.parse(JSON.stringify(outcome));
  assert.deepEqual(Object.keys(json), [
    'Data',
    'OriginalStatusCode',
    'StatusCode',
    'ErrorMessage',
    'ErrorCode',
    'Delivery',
    'Retryable',
    'RetryAfterMs',
    'Attempts',
    'EventUuid',
    'Findings',
    'Warnings',
  ]);
  assert.equal(json.StatusCode, -1);
  assert.equal(json.Findings[0].Parameter, 'EventName');
  assert.equal(json.Warnings[0].Code, 'trimmed');
  await client.close();
});

test('the published operations are those of the reference', () => {
  assert.deepEqual(Object.keys(OPERATIONS), ['alias', 'event', 'group', 'identity', 'page', 'screen']);
  assert.deepEqual(OPERATIONS.alias.slice(0, 2), ['DistinctId', 'Alias']);
});

function codes(outcome) {
  return outcome.findings.map(({ code, parameter }) => [code, parameter]);
}
