'use strict';
/** Bring your own HTTP: build and interpret. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { inspect } = require('node:util');
const zlib = require('node:zlib');
const { ConfigError, Outcome, Request, build, interpret } = require('..');

const INPUT = { DistinctId: 'user-12345', EventName: 'User Signed Up', Properties: { plan: 'premium' } };
const OPTIONS = { apiKey: 'phc_secret', nowMs: 1_795_420_800_123, seed: 7 };

test('the same input, time and seed give the same bytes', () => {
  const [one, two] = [build('event', INPUT, OPTIONS), build('event', JSON.stringify(INPUT), { ...OPTIONS, seed: 7n })];
  assert.ok(one instanceof Request && one.ok);
  assert.deepEqual(one.body, two.body);
  assert.equal(one.timestamp, '2026-11-23T08:00:00.123Z');
  assert.notEqual(build('event', INPUT, { ...OPTIONS, seed: 8 }).eventUuid, one.eventUuid);
  assert.notEqual(build('event', INPUT, { apiKey: 'phc_x' }).eventUuid, build('event', INPUT, { apiKey: 'phc_x' }).eventUuid);
});

test('a request has all an HTTP client needs', () => {
  const request = build('event', INPUT, { ...OPTIONS, host: 'https://eu.i.posthog.com', compression: 'gzip', attempt: 2 });
  assert.equal(request.method, 'POST');
  assert.equal(request.url, 'https://eu.i.posthog.com/batch/');
  assert.deepEqual(new Headers(request.headers).get('content-encoding'), 'gzip');
  assert.ok(Buffer.isBuffer(request.body));
  const { api_key: key, batch } = JSON.parse(zlib.gunzipSync(request.body));
  assert.equal(key, 'phc_secret');
  assert.equal(batch[0].uuid, request.eventUuid);
  assert.deepEqual([request.operation, request.protocol, request.attempt], ['event', 'v0', 2]);
});

test('a request passes through JSON and keeps its answer readable', () => {
  for (const compression of ['none', 'gzip']) {
    const request = build('identity', { DistinctId: ' u-1 ' }, { ...OPTIONS, compression });
    for (const json of [JSON.stringify(request), JSON.parse(JSON.stringify(request))]) {
      const again = Request.fromJSON(json);
      assert.deepEqual(again.body, request.body);
      assert.equal(interpret(again, { status: 404 }).statusCode, 404);
      assert.deepEqual(interpret(again, { status: 200, body: '{"status":1}' }).warnings.map(({ code }) => code), ['trimmed']);
    }
  }
});

test('what is no request is refused', () => {
  for (const json of ['', '{}', null, undefined, 7, {}, { Method: 'POST' }, [], Symbol('s'), 1n]) {
    assert.throws(() => Request.fromJSON(json), TypeError);
  }
  const wanted = 'not a request: give what toJSON() or JSON.stringify() made of one, not';
  for (const [json, kind] of [[null, 'null'], [5, '5'], [[], 'a list'], ['phc_secret', 'other text'], ['null', 'other text'], [Promise.resolve({}), 'a Promise']]) {
    assert.throws(() => Request.fromJSON(json), { name: 'TypeError', message: `${wanted} ${kind}` });
  }
  for (const request of [undefined, {}, build('event', {}, OPTIONS), JSON.parse(JSON.stringify(build('event', INPUT, OPTIONS)))]) {
    assert.throws(() => interpret(request, { status: 200 }), TypeError);
  }
});

test('what holds the api key says so, and consoles do not show it', () => {
  const types = fs.readFileSync(path.join(__dirname, '..', 'index.d.ts'), 'utf8');
  const [, members] = types.match(/export class Request \{([^]*?)\n\}/);
  const showsKey = (value) => JSON.stringify(Buffer.isBuffer(value) ? value.toString() : value).includes('phc_secret');
  for (const [protocol, holders] of [['v0', ['body', 'toJSON']], ['v1', ['headers', 'toJSON']]]) {
    const request = build('event', INPUT, { ...OPTIONS, protocol });
    assert.ok(!inspect(request).includes('phc_secret') && !request.toCurl().includes('phc_secret'));
    assert.match(request.toCurl(), /^curl -X POST 'https:\/\/us\.i\.posthog\.com\//);
    const seen = { ...request, toJSON: request.toJSON() };
    assert.deepEqual(Object.keys(seen).filter((name) => showsKey(seen[name])), holders);
    for (const holder of holders) {
      const [, comment] = members.match(new RegExp(`\\/\\*\\*((?:(?!\\*\\/)[^])*)\\*\\/\\s*(?:readonly )?${holder}[(:]`));
      assert.match(comment, /the api\s+\*?\s*key/, holder);
    }
  }
});

test('what is not to be sent is an outcome', () => {
  for (const [options, code] of [
    [{ ...OPTIONS, beforeSend: () => null }, 'dropped'],
    [{ ...OPTIONS, disabled: true }, 'disabled'],
  ]) {
    const outcome = build('event', INPUT, options);
    assert.ok(outcome instanceof Outcome && !outcome.ok);
    assert.equal(outcome.errorCode, code);
  }
  assert.deepEqual(build('event', {}, OPTIONS).findings.map(({ parameter }) => parameter), ['DistinctId', 'EventName']);
});

test('misuse throws', () => {
  for (const [options, option] of [
    [{}, 'apiKey'],
    [undefined, 'apiKey'],
    [null, 'options'],
    [{ ...OPTIONS, seed: -1 }, 'seed'],
    [{ ...OPTIONS, seed: 2 ** 53 }, 'seed'],
    [{ ...OPTIONS, seed: -1n }, 'seed'],
    [{ ...OPTIONS, seed: 2n ** 64n }, 'seed'],
    [{ ...OPTIONS, seed: '7' }, 'seed'],
    [{ ...OPTIONS, nowMs: '5' }, 'nowMs'],
    [{ ...OPTIONS, attempt: 0 }, 'attempt'],
    [{ ...OPTIONS, timeOut: 1 }, 'timeOut'],
    [{ ...OPTIONS, host: 'x' }, 'host'],
  ]) {
    assert.throws(() => build('event', INPUT, options), (error) => error instanceof ConfigError && error.option === option);
  }
  assert.throws(() => build('capture', INPUT, OPTIONS), TypeError);
  const range = 'must be a whole number from 0 to 9007199254740991, or a BigInt from 0n to 18446744073709551615n';
  assert.throws(() => build('event', INPUT, { ...OPTIONS, seed: 2n ** 64n }), { message: `seed: ${range}, not 18446744073709551616n` });
  assert.ok([0n, 2n ** 64n - 1n].every((seed) => build('event', INPUT, { ...OPTIONS, seed }).ok));
});

const ANSWERS = [
  [{ status: 200, body: '{"status":"Ok"}' }, 200, 'ok', 'accepted'],
  [{ status: 200, headers: new Headers(), body: Buffer.from('{"status":1}') }, 200, 'ok', 'accepted'],
  [{ status: 200, body: 'hello' }, 200, 'ok', 'unknown'],
  [{ status: 200, body: new Uint8Array([0xff, 0xfe]) }, 200, 'ok', 'unknown'],
  [{ status: 200, body: '{"status":1,"quota_limited":["events"]}' }, 429, 'quota_exceeded', 'dropped'],
  [{ status: 429, headers: { 'Retry-After': 5 } }, 429, 'rate_limited', 'rejected'],
  [{ status: 503, headers: new Map([['retry-after', '5']]) }, 500, 'server_error', 'unknown'],
  [{ status: 0 }, 500, 'network', 'unknown'],
  [{ status: 1e9 }, 500, 'network', 'unknown'],
  [{ status: NaN }, 500, 'network', 'unknown'],
  [{ failure: 'timeout' }, 500, 'timeout', 'unknown'],
  [{ failure: 'timeout', sent: false }, 500, 'timeout', 'not_sent'],
  [{ failure: 'network' }, 500, 'network', 'unknown'],
  [{ failure: 'tls' }, 500, 'tls', 'not_sent'],
  [{ failure: 'tired' }, 500, 'internal', 'unknown'],
  [undefined, 500, 'internal', 'unknown'],
  [null, 500, 'internal', 'unknown'],
  [200, 500, 'internal', 'unknown'],
  [{ status: '200' }, 500, 'internal', 'unknown'],
  [{ status: 200, body: 5 }, 500, 'internal', 'unknown'],
  [new Proxy({}, { get: () => { throw new Error('no'); } }), 500, 'internal', 'unknown'],
];

for (const [index, [answer, statusCode, errorCode, delivery]] of ANSWERS.entries()) {
  test(`interpret is total: ${index} gives ${errorCode}`, () => {
    const outcome = interpret(build('event', INPUT, OPTIONS), answer);
    assert.deepEqual([outcome.statusCode, outcome.errorCode, outcome.delivery], [statusCode, errorCode, delivery]);
  });
}

test('a status that no HTTP has is shown as it was given', () => {
  const request = build('event', INPUT, OPTIONS);
  for (const status of [200.5, NaN, Infinity, -5, 99_999, 1e30, 0, 99, 600]) {
    const outcome = interpret(request, { status });
    assert.equal(outcome.errorMessage, `the answer has the impossible HTTP status ${status}; is this the right host?`);
    assert.deepEqual([outcome.statusCode, outcome.errorCode, outcome.delivery], [500, 'network', 'unknown']);
  }
});

test('interpret has one option', () => {
  const request = build('event', INPUT, OPTIONS);
  for (const [options, option] of [[{ now: 1 }, 'now'], [{ nowMs: '1' }, 'nowMs'], [[], 'options'], [null, 'options']]) {
    assert.throws(() => interpret(request, { status: 200 }, options), (error) => error instanceof ConfigError && error.option === option);
  }
});

test('a Retry-After that is a date is read against nowMs', () => {
  const request = build('event', INPUT, OPTIONS);
  const answer = { status: 503, headers: { 'retry-after': 'Mon, 23 Nov 2026 08:00:05 GMT' } };
  assert.equal(interpret(request, answer, { nowMs: 1_795_420_800_000 }).retryAfterMs, 5_000);
});

test('a hook may build with a hook of its own', () => {
  const inner = () => build('event', INPUT, { ...OPTIONS, beforeSend: (event) => ({ ...event, event: 'inner' }) });
  const outer = build('event', INPUT, {
    ...OPTIONS,
    beforeSend: (event) => ({ ...event, event: `outer around ${JSON.parse(inner().body).batch[0].event}` }),
  });
  assert.equal(JSON.parse(outer.body).batch[0].event, 'outer around inner');
});

test('hooks see integers no number can hold as bigints, and what they send keeps all digits', () => {
  const properties = { a: 9007199254740993n, b: 18446744073709551615n, c: 1.5, d: '9007199254740993', e: [-9007199254740993n, 0.1234567890123456] };
  const seen = [];
  const beforeSend = (event) => {
    seen.push(event.properties);
    return event;
  };
  const request = build('event', { ...INPUT, Properties: properties }, { ...OPTIONS, nestedProperties: true, beforeSend });
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e'].map((key) => seen[0][key]),
    Object.values(properties),
  );
  const text = request.body.toString();
  assert.ok(text.includes('"a":9007199254740993,"b":18446744073709551615,"c":1.5,"d":"9007199254740993","e":[-9007199254740993,0.1234567890123456]'), text);
});

test('no text of an event takes the digits of its integers', (context) => {
  context.mock.method(Math, 'random', () => 0.5);
  const large = 18446744073709551615n;
  for (const text of ['\0bigint:', '\0bigint:7', '0.5:', '0.5:7', '0.50.5:0.5:', '":"', '1234567890123456789']) {
    const Properties = { large, text, [text]: text, $list: [text, large] };
    const beforeSend = (event) => {
      const { large: seen, text: kept, [text]: named, $list: list } = event.properties;
      assert.deepEqual([seen, kept, named, list], [large, text, text, [text, large]]);
      return event;
    };
    const request = build('event', { ...INPUT, Properties }, { ...OPTIONS, beforeSend });
    assert.ok(request.ok && request.body.toString().includes(`"large":${large}`), JSON.stringify(text));
  }
});

test('half a surrogate pair that a hook leaves becomes U+FFFD', () => {
  const beforeSend = (event) => {
    event.properties.plan = 'ab\u{1f600}'.slice(0, 3);
    event.properties['\\ud83d'] = '\\ud83d';
    return event;
  };
  const { properties } = JSON.parse(build('event', INPUT, { ...OPTIONS, beforeSend }).body).batch[0];
  assert.deepEqual([properties.plan, properties['\\ud83d']], ['ab\ufffd', '\\ud83d']);
});

test('options that are no text or too deep are ConfigErrors', () => {
  const half = 'ab\u{1f600}'.slice(0, 3);
  const { properties } = JSON.parse(build('event', INPUT, { ...OPTIONS, properties: { app: half } }).body).batch[0];
  assert.equal(properties.app, 'ab\ufffd');
  let deep = 1;
  for (let level = 0; level < 126; level += 1) deep = [deep];
  assert.throws(() => build('event', INPUT, { ...OPTIONS, properties: { $deep: deep } }), ConfigError);
});
