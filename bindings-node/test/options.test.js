'use strict';
/** Options: what is no plain object of them is refused wherever they are taken, and never passed over; so is what cannot be read. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const vm = require('node:vm');
const { Client, ConfigError, build, interpret } = require('..');
const { recordingTransport } = require('../testing.js');

const thrower = () => {
  throw new Error('no');
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

class Settings {
  get host() {
    return 'https://eu.i.posthog.com';
  }

  get timeoutMs() {
    return 5;
  }

  get nowMs() {
    return 5;
  }

  get flushAt() {
    return 5;
  }
}
class MoreSettings extends Settings {
  maxRetries = 1;
}

const client = new Client('phc_x', { transport: recordingTransport() });
const queue = client.queue();
const request = build('event', { DistinctId: 'u', EventName: 'e' }, { apiKey: 'phc_x' });

/** Everything that takes options. */
const TAKERS = {
  Client: (options) => new Client('phc_x', options),
  fromEnv: (options) => Client.fromEnv(options),
  queue: (options) => client.queue(options),
  build: (options) => build('event', {}, options),
  interpret: (options) => interpret(request, { status: 200 }, options),
  flush: (options) => queue.flush(options),
  close: (options) => queue.close(options),
  closeSync: (options) => queue.closeSync(options),
};

/** What is given, and what the message calls it. */
const OTHERS = [
  [Promise.resolve({ host: 'https://eu.i.posthog.com' }), 'a Promise'],
  [vm.runInNewContext('Promise.resolve({})'), 'a Promise'],
  [new Proxy(Promise.resolve(), {}), 'a Promise'],
  [new Map([['host', 'https://eu.i.posthog.com']]), 'a Map'],
  [new Set(), 'a Set'],
  [new Date(), 'a Date'],
  [new URL('https://eu.i.posthog.com'), 'a URL'],
  [new Headers(), 'a Headers'],
  [new Error('no'), 'an Error'],
  [Object.assign(new Error('no'), { host: 'https://eu.i.posthog.com' }), 'an Error'],
  [Buffer.from('x'), 'a Buffer'],
  [Buffer.alloc(0), 'a Buffer'],
  [new Settings(), 'a Settings'],
  [Object.create({ host: 'https://eu.i.posthog.com', timeoutMs: 5 }), 'an object that inherits its options'],
  [[], 'a list'],
];

for (const [name, take] of Object.entries(TAKERS)) {
  test(`${name} refuses what is no plain object of options`, async () => {
    for (const [options, kind] of OTHERS) {
      await assert.rejects(async () => take(options), (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        assert.equal(error.message, `options: must be a plain object of options, not ${kind}`);
        assert.equal(error.option, 'options');
        return true;
      });
    }
    for (const unreadable of [revoked(), new Proxy({}, { ownKeys: thrower })]) {
      await assert.rejects(async () => take(unreadable), (error) => error instanceof ConfigError && /^options: could not be read: /.test(error.message));
    }
  });
}

test('a name that is spelled as in another language, or belongs elsewhere, is recognised', async (context) => {
  const client = new Client('phc_x');
  context.after(() => client.close());
  const queue = client.queue();
  for (const [take, message] of [
    [() => new Client('phc_x', { timeout: 5 }), 'timeout: is no option; did you mean timeoutMs?'],
    [() => new Client('phc_x', { before_send: null }), 'before_send: is no option; did you mean beforeSend?'],
    [() => client.queue({ flushInterval: 5 }), 'flushInterval: is no option; did you mean flushIntervalMs?'],
    [() => client.queue({ timeoutMs: 5 }), 'timeoutMs: is an option of clients: new Client(apiKey, { ... })'],
    [() => client.queue({ beforeSend: null }), 'beforeSend: is an option of clients: new Client(apiKey, { ... })'],
    [() => client.queue({ transport: fetch }), 'transport: is an option of clients: new Client(apiKey, { ... })'],
    [() => new Client('phc_x', { onError() {} }), 'onError: is an option of queues: client.queue({ ... })'],
    [() => Client.fromEnv({ onDrop() {} }), 'onDrop: is an option of queues: client.queue({ ... })'],
    [() => queue.flush({ timeout: 5 }), 'timeout: is no option; did you mean timeoutMs?'],
    [() => queue.flush({ seconds: 5 }), 'seconds: is no option; the only one is timeoutMs'],
  ]) {
    await assert.rejects(async () => take(), { name: 'ConfigError', message });
  }
});

test('a key is not repeated when it stands where an option belongs', async () => {
  const KEY = 'phc_realSecret7';
  for (const [name, take] of Object.entries(TAKERS)) {
    await assert.rejects(async () => take({ [KEY]: true }), (error) => {
      assert.ok(error instanceof ConfigError && !error.stack.includes(KEY), `${name}: ${error.stack}`);
      assert.match(error.message, /^phc_\*\*\*: is no option; the (options are|only one is) /);
      assert.equal(error.option, 'phc_***');
      return true;
    });
  }
  for (const inner of [{ [KEY]: NaN }, { a: { [KEY]: new Set() } }, { toJSON: () => assert.fail(KEY) }]) {
    assert.throws(() => new Client('phc_x', { properties: inner }), ({ message }) => message.includes('phc_***') && !message.includes(KEY));
  }
});

test('what is no object at all is named', () => {
  for (const [options, kind] of [[null, 'null'], ['https://eu.i.posthog.com', 'text'], [5, '5'], [() => ({}), 'a function']]) {
    assert.throws(() => new Client('phc_x', options), { name: 'ConfigError', message: `options: must be a plain object of options, not ${kind}` });
  }
});

test('an instance of a class is taken when everything it says is its own', async () => {
  assert.throws(() => new Client('phc_x', new MoreSettings()), { message: 'options: must be a plain object of options, not a MoreSettings' });
  const transport = recordingTransport();
  const own = new Client('phc_x', new (class Own {
    host = 'https://own.example';
    transport = transport;
  })());
  await own.createEvent({ distinctId: 'u', eventName: 'e' });
  assert.match(transport.requests[0].request.url, /^https:\/\/own\.example\//);
  await own.close();
});

test('plain objects of every kind are taken', async () => {
  const host = 'https://plain.example';
  const transport = recordingTransport();
  const foreign = vm.runInNewContext('({ host, transport })', { host, transport });
  for (const options of [foreign, Object.assign(Object.create(null), { host, transport }), Object.freeze({ host, transport }), new Proxy({ host, transport }, {}), { get host() { return host; }, transport }]) {
    transport.clear();
    const taken = new Client('phc_x', options);
    await taken.createEvent({ distinctId: 'u', eventName: 'e' });
    assert.match(transport.requests[0].request.url, /^https:\/\/plain\.example\//);
    await taken.close();
  }
  // What `import * as options` gives.
  const module = await import('data:text/javascript,export const host = "https://plain.example";');
  assert.match(build('event', { DistinctId: 'u', EventName: 'e' }, { apiKey: 'phc_x', ...module }).url, /^https:\/\/plain\.example\//);
  await new Client('phc_x', module).close();
});

test('a getter that throws is an option that could not be read', async () => {
  const throwing = (name) => Object.defineProperty({}, name, { get: thrower, enumerable: true });
  for (const [taker, name] of [
    ['Client', 'host'], ['Client', 'beforeSend'], ['Client', 'transport'], ['fromEnv', 'apiKey'], ['queue', 'flushAt'], ['queue', 'onDrop'],
    ['build', 'seed'], ['build', 'beforeSend'], ['interpret', 'nowMs'], ['flush', 'timeoutMs'], ['close', 'timeoutMs'], ['closeSync', 'timeoutMs'],
  ]) {
    await assert.rejects(async () => TAKERS[taker](throwing(name)), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.equal(error.message, `${name}: could not be read: no`);
      return true;
    });
  }
});

test('a getter inside an option is named by its place', () => {
  const properties = { get a() { return thrower(); } };
  assert.throws(() => new Client('phc_x', { properties }), { name: 'ConfigError', option: 'properties', message: 'properties: a: the value could not be read: no' });
  assert.throws(() => new Client('phc_x', { properties: { toJSON: thrower } }), { message: 'properties: could not be read: no' });
});

test('what JSON has no word for is left out of an option, as JSON does', async (context) => {
  const transport = recordingTransport();
  const sparse = new Client('phc_x', { transport, properties: { release: undefined, log: () => {}, tag: Symbol('s'), plan: 'pro' }, headers: { 'X-Team': undefined } });
  context.after(() => sparse.close());
  assert.ok((await sparse.createEvent({ distinctId: 'u', eventName: 'e' })).ok);
  const { release, log, tag, plan } = transport.events[0].properties;
  assert.deepEqual([release, log, tag, plan], [undefined, undefined, undefined, 'pro']);
});

test('what an option cannot be is told by its place, with what it may be', () => {
  const cyclic = {};
  cyclic.self = cyclic;
  for (const [options, message] of [
    [{ properties: { n: NaN } }, 'properties: n: NaN is not a number JSON can hold; leave the key out or send null.'],
    [{ properties: { $c: cyclic } }, 'properties: $c.self: the object contains itself; send a copy without the cycle.'],
    [{ properties: { a: new Map() } }, 'properties: a: the value is a Map; send text, a number, a boolean or null.'],
    [{ properties: { a: 2n ** 64n } }, /^properties: a: 18446744073709551616 is outside what can be stored exactly .*; send it as text\.$/],
    [{ properties: new Map() }, 'properties: must be an object, not a Map'],
    [{ properties: () => {} }, 'properties: must be an object, not a function'],
    [{ headers: { 'X-A': NaN } }, 'headers: must be text for X-A, not NaN'],
    [{ headers: new Headers() }, 'headers: must be an object of names and values, not a Headers'],
    [{ host: () => 'x' }, 'host: must be text, not a function'],
    [{ caFile: Buffer.from('x') }, 'caFile: must be text, not a Buffer'],
    [{ maxRetries: NaN }, 'maxRetries: must be a whole number that is not negative, not NaN'],
    [{ disabled: Symbol('s') }, 'disabled: must be true or false, not a symbol'],
    [{ protocol: NaN }, 'protocol: must be one of v0, v1, auto, not NaN'],
    [{ beforeSend: 'hook' }, 'beforeSend: must be a function or a list of functions, not text'],
    [{ beforeSend: [() => null, 5] }, 'beforeSend: must be a function or a list of functions, not 5'],
    [{ transport: fetch('data:,') }, 'transport: must be a function, not a Promise'],
  ]) {
    assert.throws(() => new Client('phc_x', options), { name: 'ConfigError', option: Object.keys(options)[0], message });
  }
  assert.throws(() => new Client(Buffer.from('phc_x')), { message: "apiKey: must be text, not a Buffer: new Client('phc_...', { host })" });
  assert.throws(() => client.queue({ flushAt: NaN }), { message: 'flushAt: must be a whole number that is not negative, not NaN' });
  assert.throws(() => client.queue({ overflow: () => {} }), { message: 'overflow: must be one of reject, drop_oldest, block, not a function' });
  assert.throws(() => client.queue({ onDrop: 'log' }), { message: 'onDrop: must be a function, not text' });
});

test('every option is read once', () => {
  let reads = 0;
  new Client('phc_x', { get beforeSend() { reads += 1; return (event) => event; }, transport: recordingTransport() });
  assert.equal(reads, 1);
});

test('times without end are told their limit, others what they are', async () => {
  for (const time of [Infinity, 1e300]) {
    assert.throws(() => new Client('phc_x', { timeoutMs: time }), { name: 'ConfigError', option: 'timeoutMs', message: /at most a day/ });
    assert.throws(() => new Client('phc_x', { connectTimeoutMs: time }), { option: 'connectTimeoutMs', message: /at most a day/ });
    assert.throws(() => client.queue({ flushIntervalMs: time }), { option: 'flushIntervalMs', message: /at most a day/ });
  }
  for (const time of [NaN, -Infinity, -1, -0.5]) {
    const message = `must be a number of milliseconds that is not negative, not ${time}`;
    assert.throws(() => new Client('phc_x', { timeoutMs: time }), { name: 'ConfigError', option: 'timeoutMs', message: `timeoutMs: ${message}` });
    assert.throws(() => client.queue({ flushIntervalMs: time }), { option: 'flushIntervalMs', message: `flushIntervalMs: ${message}` });
    await assert.rejects(queue.flush({ timeoutMs: time }), { message: `timeoutMs: must be a number of milliseconds, 0 or more, given as { timeoutMs: 5_000 }, not ${time}` });
  }
  await assert.rejects(queue.flush('5'), { message: 'timeoutMs: must be a number of milliseconds, 0 or more, given as { timeoutMs: 5_000 }, not text' });
  assert.throws(() => build('event', {}, { apiKey: 'phc_x', attempt: 0 }), { message: 'attempt: must be a whole number from 1 to 4294967295, not 0' });
  assert.throws(() => build('event', {}, { apiKey: 'phc_x', seed: 'x' }), { message: /^seed: must be a whole number from 0 .*, not text$/ });
});
