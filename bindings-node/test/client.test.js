'use strict';
/** The client itself: configuration, hooks, transports, switches, its end, and what happens when something panics. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { Client, ConfigError } = require('..');
const { provokePanic } = require('../lib/client.js');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();
const EVENT = { distinctId: 'u-1', eventName: 'e' };
const OK = { status: 200, body: '{"status":"Ok"}' };

/** Constructor arguments after the api key, and the option that is wrong. */
const WRONG = [
  [undefined, {}, 'apiKey'],
  [null, {}, 'apiKey'],
  ['', {}, 'apiKey'],
  [7, {}, 'apiKey'],
  [Symbol('phc'), {}, 'apiKey'],
  [new Map(), {}, 'apiKey'],
  ['phx_personal', {}, 'apiKey'],
  ['phc_x', { apiKey: 'phc_other' }, 'apiKey'],
  ['phc_x', { apiKey: undefined }, 'apiKey'],
  ['phc_x', { host: 'eu.i.posthog.com' }, 'host'],
  ['phc_x', { host: 5 }, 'host'],
  ['phc_x', { timeoutMs: 0 }, 'timeoutMs'],
  ['phc_x', { timeoutMs: '5' }, 'timeoutMs'],
  ['phc_x', { timeoutMs: NaN }, 'timeoutMs'],
  ['phc_x', { timeoutMs: Infinity }, 'timeoutMs'],
  ['phc_x', { connectTimeoutMs: -1 }, 'connectTimeoutMs'],
  ['phc_x', { maxRetries: 1.5 }, 'maxRetries'],
  ['phc_x', { maxConnections: 0 }, 'maxConnections'],
  ['phc_x', { compression: 'brotli' }, 'compression'],
  ['phc_x', { nestedProperties: 'yes' }, 'nestedProperties'],
  ['phc_x', { properties: [] }, 'properties'],
  ['phc_x', { properties: { a: NaN } }, 'properties'],
  ['phc_x', { properties: { a: new Set() } }, 'properties'],
  ['phc_x', { headers: { 'X-A': 'a\r\nb' } }, 'headers'],
  ['phc_x', { headers: { 'Content-Type': 'x' } }, 'headers'],
  ['phc_x', { headers: { 'X-A': 5 } }, 'headers'],
  ['phc_x', { appInfo: 'a\nb' }, 'appInfo'],
  ['phc_x', { proxy: 'nowhere' }, 'proxy'],
  ['phc_x', { caFile: '/nonexistent.pem' }, 'caFile'],
  ['phc_x', { clientCert: '/nonexistent.pem' }, 'clientCert'],
  ['phc_x', { beforeSend: 'hook' }, 'beforeSend'],
  ['phc_x', { beforeSend: [() => null, 5] }, 'beforeSend'],
  ['phc_x', { beforeSend: async (event) => event }, 'beforeSend'],
  ['phc_x', { beforeSend: [(event) => event, async function later(event) { return event; }] }, 'beforeSend'],
  ['phc_x', { transport: {} }, 'transport'],
  ['phc_x', { timeout: 5 }, 'timeout'],
  ['phc_x', { timeout_ms: 5 }, 'timeout_ms'],
  ['phc_x', { host: () => 'x' }, 'host'],
  ['phc_x', null, 'options'],
  ['phc_x', [], 'options'],
  ['phc_x', 'https://eu.i.posthog.com', 'options'],
];

for (const [apiKey, options, option] of WRONG) {
  test(`wrong configuration: ${option} in ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => new Client(apiKey, options),
      (error) => {
        assert.ok(error instanceof ConfigError && error instanceof Error);
        assert.equal(error.name, 'ConfigError');
        assert.equal(error.option, option);
        assert.equal(error.message, `${option}: ${error.problem}`);
        assert.ok(!error.message.includes('personal_'), 'the key is never shown');
        return true;
      },
    );
  });
}

test('a second key says where the one belongs, and is in no list of options', () => {
  const problem = 'is the first argument of a client, and no option here: new Client(apiKey, { ... })';
  assert.throws(() => new Client('phc_x', { apiKey: 'phc_other' }), { name: 'ConfigError', option: 'apiKey', problem });
  assert.throws(() => new Client('phc_x').queue({ apiKey: 'phc_other' }), { name: 'ConfigError', option: 'apiKey', problem });
  assert.throws(() => new Client('phc_x', { timeout: 5 }), ({ message }) => !message.includes('apiKey'));
  assert.throws(() => Client.fromEnv({ timeout: 5 }), /did you mean timeoutMs\?/);
});

test('null and undefined options are not given', async () => {
  const client = new Client('phc_x', { host: null, timeoutMs: undefined, beforeSend: null, transport: undefined });
  await client.close();
});

test('every option arrives', async () => {
  const client = new Client('phc_x', {
    host: receiver.url,
    compression: 'gzip',
    nestedProperties: true,
    geoipDisable: false,
    isServer: false,
    properties: { service: 'shop', plan: 'free' },
    headers: { 'X-Team': 'shop' },
    appInfo: 'shop/1.0',
  });
  const outcome = await client.createEvent({ ...EVENT, properties: { plan: 'pro', cart: [{ sku: 1 }] } });
  assert.equal(outcome.statusCode, 200, outcome.errorMessage);
  const [request] = await receiver.requests();
  const headers = Object.fromEntries(request.headers);
  assert.equal(headers['content-encoding'], 'gzip');
  assert.equal(headers['x-team'], 'shop');
  assert.match(headers['user-agent'], /^hogwire-node\/\d+\.\d+\.\d+ shop\/1\.0$/);
  const { properties } = JSON.parse(request.text).batch[0];
  assert.deepEqual(
    { ...properties, $lib: undefined, $lib_version: undefined },
    { service: 'shop', plan: 'pro', cart: [{ sku: 1 }], $lib: undefined, $lib_version: undefined },
  );
  await client.close();
});

test('beforeSend changes, chains and drops', async () => {
  const seen = [];
  const client = new Client('phc_x', {
    host: receiver.url,
    beforeSend: [
      (event) => {
        seen.push(structuredClone(event));
        return { ...event, event: 'renamed' };
      },
      (event) => {
        event.properties.at = new Date(0);
        event.properties.count = 3n;
        return event.properties.drop ? null : event;
      },
    ],
  });
  const outcome = await client.createEvent(EVENT);
  assert.equal(outcome.statusCode, 200, outcome.errorMessage);
  assert.deepEqual(Object.keys(seen[0]), ['event', 'distinct_id', 'uuid', 'timestamp', 'properties']);
  const [{ data }] = await receiver.stored();
  assert.equal(data.event, 'renamed');
  assert.equal(data.properties.at, '1970-01-01T00:00:00.000Z');
  assert.equal(data.properties.count, 3);

  const dropped = await client.createEvent({ ...EVENT, properties: { drop: true } });
  assert.deepEqual([dropped.statusCode, dropped.errorCode, dropped.delivery], [500, 'dropped', 'not_sent']);
  assert.deepEqual(dropped.warnings, []);
  assert.equal((await receiver.stored()).length, 1);
  await client.close();
});

const FAILING_HOOKS = [
  ['throws an error', () => { throw new Error('hook broke'); }, /hook broke/],
  ['throws nothing', () => { throw undefined; }, /undefined/],
  ['returns a promise', () => Promise.reject(new Error('later')), /it returned a promise; a hook answers at once/],
  ['returns text', () => 'event', /it returned text; return the event or null$/],
  ['returns a JSON text', (event) => JSON.stringify(event), /it returned text; return the event or null$/],
  ['returns what becomes text', (event) => ({ toJSON: () => JSON.stringify(event) }), /it returned an object; return the event or null$/],
  ['returns a list', () => [], /it returned a list; return the event or null$/],
  ['returns a number', () => 5, /it returned 5; return the event or null$/],
  ['returns a Map', () => new Map(), /it returned a Map; return the event or null$/],
  ['returns a cycle', (event) => { event.properties.self = event; return event; }, /self is object/],
  ['returns an integer beyond 64 bits', (event) => { event.properties.large = 2 ** 64; return event; }, /18446744073709552000 is outside .* send it as text\.$/],
  ['returns NaN', (event) => { event.properties.ratio = NaN; return event; }, /ratio is NaN/],
];

for (const [name, hook, message] of FAILING_HOOKS) {
  test(`beforeSend that ${name} drops the event with a warning`, async () => {
    const later = [];
    const client = new Client('phc_x', { host: receiver.url, beforeSend: [hook, (event) => (later.push(event), event)] });
    const outcome = await client.createEvent(EVENT);
    assert.deepEqual([outcome.statusCode, outcome.errorCode], [500, 'dropped'], outcome.errorMessage);
    assert.deepEqual(outcome.warnings.map(({ code }) => code), ['before_send_failed']);
    assert.match(outcome.warnings[0].message, message);
    if (name.startsWith('throws')) assert.deepEqual(later, []);
    assert.equal((await receiver.requests()).length, 0);
    await client.close();
  });
}

test('what a hook returns is checked like any input', async () => {
  const client = new Client('phc_x', { host: receiver.url, beforeSend: ({ distinct_id: _, ...event }) => event });
  const outcome = await client.createEvent(EVENT);
  assert.deepEqual(outcome.findings.map(({ code, parameter }) => [code, parameter]), [['required', 'DistinctId']]);
  await client.close();
});

test('a hook may use the client itself, even without end', async () => {
  let inner;
  const client = new Client('phc_x', {
    host: receiver.url,
    beforeSend: (event) => {
      if (event.event === 'e') inner = client.createEvent({ distinctId: 'u-1', eventName: 'from the hook' });
      return { ...event, properties: { ...event.properties, hook: event.event } };
    },
  });
  assert.ok((await client.createEvent(EVENT)).ok && (await inner).ok);
  const hooks = (await receiver.stored()).map(({ data }) => [data.event, data.properties.hook]);
  assert.deepEqual(hooks.sort(), [['e', 'e'], ['from the hook', 'from the hook']]);
  await client.close();

  let depth = 0;
  const endless = new Client('phc_x', {
    transport: () => OK,
    beforeSend: (event) => {
      depth += 1;
      endless.createEvent(EVENT);
      return event;
    },
  });
  const outcome = await endless.createEvent(EVENT);
  assert.ok(depth > 10, String(depth));
  assert.equal(typeof outcome.statusCode, 'number');
  await endless.close();
});

test('fetch fits as a transport', async () => {
  const client = new Client('phc_x', {
    host: receiver.url,
    transport: ({ url, method, headers, body }, { signal }) => fetch(url, { method, headers, body, signal, redirect: 'manual' }),
  });
  assert.deepEqual(await summary(client), [200, 200, 'ok', 'accepted']);
  await receiver.script({ status: 429, headers: [['Retry-After', '2']] });
  const limited = await client.createEvent(EVENT);
  assert.deepEqual([limited.statusCode, limited.retryAfterMs], [429, 2_000]);
  await receiver.script({ status: 302, headers: [['Location', 'https://eu.i.posthog.com/x']] });
  const redirected = await client.createEvent(EVENT);
  assert.equal(redirected.errorCode, 'redirected');
  assert.match(redirected.errorMessage, /eu\.i\.posthog\.com/);
  await client.close();
});

test('a slow fetch is a time-out', async () => {
  const client = new Client('phc_x', {
    host: receiver.url,
    timeoutMs: 150,
    transport: ({ url, method, headers, body }, { signal }) => fetch(url, { method, headers, body, signal }),
  });
  await receiver.script({ delay_ms: 3_000 });
  assert.deepEqual(await summary(client), [500, 0, 'timeout', 'unknown']);
  await client.close();
});

const named = (name) => Object.assign(new Error('told'), { name });
const coded = (code) => Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('told'), { code }) });
const fails = (error) => () => {
  throw error;
};

/** A transport; then statusCode, originalStatusCode, errorCode, delivery. */
const TRANSPORTS = [
  ['answers at once', () => OK, [200, 200, 'ok', 'accepted']],
  ['answers later', async () => OK, [200, 200, 'ok', 'accepted']],
  ['answers with bytes', () => ({ status: 200, body: Buffer.from('{"status":"Ok"}') }), [200, 200, 'ok', 'accepted']],
  ['answers with an ArrayBuffer', () => ({ status: 200, body: new TextEncoder().encode('{"status":1}').buffer }), [200, 200, 'ok', 'accepted']],
  ['answers without a body', () => ({ status: 200 }), [200, 200, 'ok', 'unknown']],
  ['answers with headers of every kind', () => ({ status: 429, headers: { 'Retry-After': ['3'], 'X-None': undefined, 'X-Number': 5 } }), [429, 429, 'rate_limited', 'rejected']],
  ['answers with pairs', () => ({ status: 500, headers: [['a', 'b']] }), [500, 500, 'server_error', 'unknown']],
  ['answers with an impossible status', () => ({ status: 99 }), [500, 99, 'network', 'unknown']],
  ['answers with a status out of range', () => ({ status: -5 }), [500, 0, 'network', 'unknown']],
  ['names a time-out', () => ({ failure: 'timeout' }), [500, 0, 'timeout', 'unknown']],
  ['names a failure before sending', () => ({ failure: 'network', sent: false }), [500, 0, 'network', 'not_sent']],
  ['names a TLS failure', () => ({ failure: 'tls', message: 'expired' }), [500, 0, 'tls', 'not_sent']],
  ['throws', fails(new Error('lost')), [500, 0, 'network', 'unknown']],
  ['rejects', async () => { throw new Error('lost'); }, [500, 0, 'network', 'unknown']],
  ['throws nothing', fails(undefined), [500, 0, 'network', 'unknown']],
  ['throws a TimeoutError', fails(named('TimeoutError')), [500, 0, 'timeout', 'unknown']],
  ['throws an AbortError', fails(named('AbortError')), [500, 0, 'timeout', 'unknown']],
  ['throws ETIMEDOUT', fails(coded('ETIMEDOUT')), [500, 0, 'timeout', 'unknown']],
  ['cannot connect', fails(coded('ECONNREFUSED')), [500, 0, 'network', 'not_sent']],
  ['cannot connect in time', fails(coded('UND_ERR_CONNECT_TIMEOUT')), [500, 0, 'timeout', 'not_sent']],
  ['finds no host', fails(coded('ENOTFOUND')), [500, 0, 'network', 'not_sent']],
  ['loses the connection', fails(coded('ECONNRESET')), [500, 0, 'network', 'unknown']],
  ['meets an unknown authority', fails(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), [500, 0, 'tls', 'not_sent']],
  ['meets an expired certificate', fails(coded('CERT_HAS_EXPIRED')), [500, 0, 'tls', 'not_sent']],
  ['never settles', () => new Promise(() => {}), [500, 0, 'timeout', 'unknown']],
  ['answers nothing', () => undefined, [500, 0, 'internal', 'unknown']],
  ['answers text', () => 'Ok', [500, 0, 'internal', 'unknown']],
  ['answers without a status', () => ({ body: '' }), [500, 0, 'internal', 'unknown']],
  ['answers with an object as body', () => ({ status: 200, body: {} }), [500, 0, 'internal', 'unknown']],
  ['answers with headers that are none', () => ({ status: 200, headers: [5] }), [500, 0, 'internal', 'unknown']],
  ['answers with headers that are text', () => ({ status: 200, headers: 'x' }), [500, 0, 'internal', 'unknown']],
  ['answers with a getter that throws', () => ({ get status() { throw new Error('no'); } }), [500, 0, 'internal', 'unknown']],
  ['names another failure', () => ({ failure: 'tired' }), [500, 0, 'internal', 'unknown']],
];

for (const [name, transport, expected] of TRANSPORTS) {
  test(`a transport that ${name}`, async () => {
    // Long enough for a busy machine to get as far as the transport.
    const client = new Client('phc_x', { transport, maxRetries: 0, timeoutMs: name === 'never settles' ? 1_000 : 10_000 });
    assert.deepEqual(await summary(client), expected);
    await client.close();
  });
}

test('a transport gets the request, the time left and a signal', async () => {
  const seen = [];
  const client = new Client('phc_secret', {
    timeoutMs: 5_000,
    transport: (request, context) => {
      seen.push({ request, context });
      return seen.length === 1 ? { status: 503 } : OK;
    },
  });
  const outcome = await client.createEvent(EVENT);
  assert.deepEqual([outcome.statusCode, outcome.attempts], [200, 2]);
  const [{ request, context }, { context: later }] = seen;
  assert.ok(context.timeoutMs <= 5_000 && later.timeoutMs < context.timeoutMs);
  assert.ok(context.signal instanceof AbortSignal);
  assert.equal(request.eventUuid, outcome.eventUuid);
  assert.equal(JSON.parse(request.body).api_key, 'phc_secret');
  assert.ok(!inspect(request).includes('phc_secret'));
  await client.close();
});

test('nonsense from a transport is told with what is expected', async () => {
  const client = new Client('phc_x', { transport: () => 5 });
  assert.match((await client.createEvent(EVENT)).errorMessage, /status, headers, body/);
  await client.close();
});

test('opted out, nothing is sent until opted in', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  client.optOut();
  assert.deepEqual(await summary(client), [500, 0, 'opted_out', 'not_sent']);
  client.optIn();
  assert.deepEqual(await summary(client), [200, 200, 'ok', 'accepted']);
  assert.equal((await receiver.requests()).length, 1);
  await client.close();
});

test('a disabled client sends nothing', async () => {
  const client = new Client('', { host: receiver.url, disabled: true });
  assert.deepEqual(await summary(client), [500, 0, 'disabled', 'not_sent']);
  assert.equal((await receiver.requests()).length, 0);
  await client.close();
});

test('close answers what is under way, then nothing more', async () => {
  await receiver.script({ delay_ms: 100 }, { delay_ms: 100 });
  const client = new Client('phc_x', { host: receiver.url });
  let answered = 0;
  const calls = [client.createEvent(EVENT), client.createEvent(EVENT)].map((call) => call.then(() => (answered += 1)));
  await client.close();
  assert.equal(answered, 2);
  await Promise.all(calls);
  assert.deepEqual(await summary(client), [500, 0, 'closed', 'not_sent']);
  await client.close();
});

test('async dispose closes', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  await client[Symbol.asyncDispose]();
  assert.equal((await client.createEvent(EVENT)).errorCode, 'closed');
});

test('fromEnv reads the environment, and options win', async () => {
  const { POSTHOG_API_KEY: key, POSTHOG_HOST: host } = process.env;
  try {
    delete process.env.POSTHOG_API_KEY;
    const none = Client.fromEnv({ host: receiver.url });
    const outcome = await none.createEvent(EVENT);
    assert.equal(outcome.errorCode, 'disabled');
    assert.match(outcome.errorMessage, /POSTHOG_API_KEY/);
    await none.close();

    process.env.POSTHOG_API_KEY = 'phc_environment';
    process.env.POSTHOG_HOST = receiver.url;
    const client = Client.fromEnv();
    assert.ok(client instanceof Client);
    assert.deepEqual(await summary(client), [200, 200, 'ok', 'accepted']);
    await client.close();
    const own = Client.fromEnv({ apiKey: 'phc_own' });
    assert.ok((await own.createEvent(EVENT)).ok);
    await own.close();
    assert.deepEqual((await receiver.stored()).map(({ token }) => token), ['phc_environment', 'phc_own']);
    assert.throws(() => Client.fromEnv({ timeoutMs: -1 }), ConfigError);
  } finally {
    restore('POSTHOG_API_KEY', key);
    restore('POSTHOG_HOST', host);
  }
});

test('consoles show where a client sends and what a queue holds, and no key', async (context) => {
  const client = new Client('phc_secret', { host: 'https://eu.i.posthog.com/', transport: () => OK });
  const queue = client.queue();
  context.after(() => queue.close());
  assert.equal(inspect(client), "Client { host: 'https://eu.i.posthog.com' }");
  queue.createEvent(EVENT);
  assert.equal(inspect(queue), 'Queue { pending: 1 }');
  assert.equal(inspect({ a: { b: { c: [client] } } }, { depth: 2 }), '{ a: { b: { c: [Array] } } }');
  assert.equal(inspect([Client.prototype, Object.getPrototypeOf(queue)]), '[ {}, {} ]');
});

test('methods without their client reject and do not throw', async () => {
  const { createEvent, execute, close } = Client.prototype;
  for (const method of [createEvent, execute, close]) await assert.rejects(method.call(undefined, EVENT), TypeError);
});

test('a panic inside the library is an outcome', async () => {
  const client = new Client('phc_x', { host: receiver.url });
  const outcome = await client[provokePanic]();
  assert.deepEqual([outcome.statusCode, outcome.errorCode, outcome.delivery], [500, 'internal', 'not_sent']);
  assert.match(outcome.errorMessage, /^hogwire is at fault, please report it: .*provoked by a test/);
  assert.deepEqual(await summary(client), [200, 200, 'ok', 'accepted'], 'the client works on');
  await client.close();
});

async function summary(client) {
  const outcome = await client.createEvent(EVENT);
  return [outcome.statusCode, outcome.originalStatusCode, outcome.errorCode, outcome.delivery];
}

function restore(name, value) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
