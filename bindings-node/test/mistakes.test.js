'use strict';
/** Mistakes that callers make, and what they are told: what is there, what belongs there, and how much is wrong. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, build, interpret } = require('..');

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
      assert.ok(told.errorMessage.endsWith(` And ${more} more finding${more === 1 ? '' : 's'}.`), told.errorMessage.slice(-200));
      assert.ok(told.findings.every(({ parameter, message }) => parameter !== '' && message !== ''));
    }
  }
  const hundred = await client.createEvent({ ...EVENT, properties: many(100, NaN) });
  assert.equal(hundred.findings.length, 100);
  assert.doesNotMatch(hundred.errorMessage, / more finding/);
});

test('what is given in a required parameter is not called missing because JSON leaves it out', async () => {
  const told = async (method, parameters) => {
    const { findings, warnings } = await client[method](parameters);
    return [...findings, ...warnings].map(({ code, message }) => `${code}: ${message}`);
  };
  assert.deepEqual(await told('createEvent', { distinctId: () => 'u-1', eventName: Symbol('e') }), [
    'invalid_type: DistinctId is a function; give text or an integer.',
    'invalid_type: EventName is a symbol; give text.',
  ]);
  assert.deepEqual(await told('identifyGroup', { groupType: class Company {}, groupKey: { toJSON: () => undefined } }), [
    'invalid_type: GroupType is a function; give text.',
    'invalid_type: GroupKey is undefined; give text or an integer.',
  ]);
  // What may be left out is left out, as JSON does.
  assert.deepEqual(await told('createEvent', { ...EVENT, uuid: () => 'u' }), [
    'value_omitted: Uuid: a function has no form in JSON and was left out, as JSON does.',
  ]);
});

test('a Date is a time and no id or name; objects that are text are', async () => {
  const date = new Date(1e12);
  const text = { toJSON: () => '507f1f77bcf86cd799439011' };
  for (const [method, parameters, refused] of [
    ['createEvent', { distinctId: date, eventName: date, uuid: date }, ['DistinctId', 'EventName', 'Uuid']],
    ['createAlias', { distinctId: 'u-1', alias: date }, ['Alias']],
    ['createIdentity', { distinctId: 'u-1', anonymousId: date, name: date, propertiesUnset: [date] }, ['AnonymousId', 'Name', 'PropertiesUnset.0']],
    ['trackPage', { distinctId: 'u-1', pageUrl: date }, ['PageUrl']],
    ['createEvent', { ...EVENT, timestamp: date, properties: { date, timestamp: date } }, []],
    ['createIdentity', { distinctId: 'u-1', signupDate: date, propertiesSet: { date }, propertiesSetOnce: { date } }, []],
    ['createEvent', { distinctId: text, eventName: new String('e'), groups: { company: text } }, []],
  ]) {
    const { findings } = await client[method](parameters);
    assert.deepEqual(findings.map(({ code, parameter }) => `${code} ${parameter}`), refused.map((parameter) => `invalid_type ${parameter}`));
    for (const { message } of findings) assert.match(message, / is a Date; give text( or an integer)?\.$/);
  }
});

test('an item whose operation is no text is told what it is', async () => {
  for (const [operation, kind] of [[5, '5'], [() => {}, 'a function'], [{}, 'an object'], [['event'], 'a list'], [Promise.resolve('event'), 'a Promise']]) {
    for (const item of [{ operation }, { Operation: operation }]) {
      const [{ errorMessage }] = await client.sendBatch([item]);
      assert.equal(errorMessage, `Operation is ${kind}; use one of alias, event, group, identity, page, screen.`);
    }
  }
  for (const item of [{ operation: null }, { operation: '' }, {}]) assert.match((await client.sendBatch([item]))[0].errorMessage, /^Operation is missing; /);
});

test('an item that can hold no parameters is told what it is, and one that cannot be read why', async () => {
  const items = [1, 2].map(async () => ({ operation: 'event', distinctId: 'u-1', eventName: 'e' }));
  const given = [...items, new Map(), new Date(), Buffer.from('event'), new Error('no')];
  const answers = await client.sendBatch(given);
  assert.deepEqual(
    answers.map(({ errorMessage }) => /^The input is an? (\w+); give an object of parameters and values\.$/.exec(errorMessage)?.[1]),
    ['Promise', 'Promise', 'Map', 'Date', 'Buffer', 'Error'],
  );
  const trap = () => { throw new Error('not today'); };
  for (const unreadable of [{ get operation() { return trap(); } }, new Proxy({}, { get: trap })]) {
    const [{ findings }] = await client.sendBatch([unreadable]);
    assert.deepEqual(findings.map(({ code, message }) => [code, message]), [['unreadable_value', 'Input: the value could not be read: not today']]);
  }
});

test('what is given to interpret, and is no answer, is told what to give instead', async () => {
  const request = build('event', { DistinctId: 'u-1', EventName: 'e' }, { apiKey: 'phc_x' });
  const wanted = 'interpret takes { status, headers, body }, or { failure: "timeout" | "network" | "tls", sent }';
  const toRead = 'the body is still to be read: give { status: response.status, headers: response.headers, body: await response.text() }';
  const response = new Response('{}');
  for (const [given, told] of [
    [response, toRead],
    [{ status: 200, body: response.body }, toRead],
    [{ status: 200, body: Promise.resolve('{}') }, toRead],
    [Promise.resolve(response), 'what came is a Promise'],
    [undefined, 'what came is undefined'],
    ['{}', 'what came is text'],
    [{ status: '200' }, 'status is "200", and no number'],
    [{ status: 200, body: {} }, 'body is an object, neither text nor bytes'],
    [{ failure: 'tired' }, 'failure is "tired"'],
    [{ failure: 5 }, 'failure is 5'],
    [{ failure: 'x'.repeat(1e6) }, `failure is "${'x'.repeat(57)}..."`],
    [{ status: 200, headers: 'x' }, 'headers are Headers, a Map, pairs, or an object of texts, not text'],
    [{ status: 200, headers: ['Retry-After', '5'] }, 'headers are Headers, a Map, pairs, or an object of texts, not a list'],
    [{ status: 200, headers: { 'Retry-After': {} } }, 'headers are Headers, a Map, pairs, or an object of texts, not an object'],
  ]) {
    const outcome = interpret(request, given);
    assert.deepEqual([outcome.errorCode, outcome.errorMessage], ['internal', `${wanted}; ${told}`]);
  }
  const own = new Client('phc_x', { transport: () => ({ status: 200, body: response.body }), maxRetries: 0 });
  assert.match((await own.createEvent(EVENT)).errorMessage, /^a transport answers with \{ status, headers, body \} \(or a fetch Response\).*still to be read/);
  await own.close();
});

test('what hooks, transports and getters say is repeated, but not at any length, and without keys', async () => {
  const long = `phc_another says ${'y'.repeat(1e6)}`;
  const thrower = () => {
    throw new Error(long);
  };
  const event = { ...EVENT, properties: { secret: 's'.repeat(300_000) } };
  for (const [options, parameters] of [
    [{ transport: thrower }, EVENT],
    [{ transport: () => ({ failure: 'network', message: long }) }, EVENT],
    [{ transport: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: new Error(long) })) }, EVENT],
    [{ beforeSend: thrower }, EVENT],
    [{ beforeSend: (seen) => JSON.stringify(seen) }, event],
    [{ beforeSend: (seen) => ({ ...seen, properties: { ['k'.repeat(1e6)]: NaN } }) }, EVENT],
    [{}, { ...EVENT, properties: { get a() { return thrower(); } } }],
  ]) {
    const own = new Client('phc_x', { maxRetries: 0, transport: () => ({ status: 200 }), ...options });
    const { ok, errorMessage } = await own.createEvent(parameters);
    assert.ok(!ok && errorMessage.length < 1_300 && !errorMessage.includes('phc_another'), errorMessage.slice(0, 900));
    await own.close();
  }
  for (const options of [{ ['x'.repeat(1e6)]: 1 }, { get host() { return thrower(); } }, { properties: { ['k'.repeat(1e6)]: NaN } }]) {
    assert.throws(() => new Client('phc_x', options), ({ name, option, message }) => name === 'ConfigError' && option.length <= 60 && message.length < 1_300);
  }
});

test('a hook that is async is refused where it is given', () => {
  const message = 'beforeSend: must not be async: a hook answers at once, with the event or null';
  for (const beforeSend of [async (event) => event, [(event) => event, async () => null]]) {
    assert.throws(() => new Client('phc_x', { beforeSend }), { name: 'ConfigError', option: 'beforeSend', message });
    assert.throws(() => build('event', {}, { apiKey: 'phc_x', beforeSend }), { name: 'ConfigError', message });
  }
});
