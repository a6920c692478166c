'use strict';
/** Values of every kind, friendly and hostile: each gives what the contract says, and none gets out as an exception. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const vm = require('node:vm');
const { Client, build } = require('..');
const { plainInputText } = require('../lib/values.js');

/** Nothing is ever sent from here: what is valid ends in this list. */
const sent = [];
const transport = (request) => {
  sent.push(JSON.parse(request.body).batch[0]);
  return { status: 200, body: '{"status":"Ok"}' };
};
const client = new Client('phc_x', { transport });
const nested = new Client('phc_x', { transport, nestedProperties: true });

const property = (value) => ({ distinctId: 'u-1', eventName: 'e', properties: { a: value } });
const thrower = () => {
  throw new Error('no');
};
const cyclic = () => {
  const object = { name: 'loop' };
  object.self = object;
  return object;
};
const deep = (depth) => {
  let value = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const endless = () => new Proxy({}, { ownKeys: () => ['a', 'b'], get: (_, key) => (typeof key === 'symbol' || key === 'toJSON' ? undefined : endless()),
  getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) });

class Money {
  constructor() {
    this.amount = 5;
  }
}
class Wrapped {
  toJSON() {
    return 'wrapped';
  }
}

/** Refused: what is given to createEvent, then the findings. */
const REFUSED = [
  // The input itself.
  ['nothing', undefined, [['required', 'DistinctId'], ['required', 'EventName']]],
  ['null', null, [['required', 'DistinctId'], ['required', 'EventName']]],
  ['an empty object', {}, [['required', 'DistinctId'], ['required', 'EventName']]],
  ['text', 'distinctId', [['invalid_json', 'Input']]],
  ['a number', 7, [['invalid_json', 'Input']]],
  ['NaN', NaN, [['invalid_json', 'Input']]],
  ['a BigInt', 7n, [['invalid_json', 'Input']]],
  ['true', true, [['invalid_json', 'Input']]],
  ['a symbol', Symbol('s'), [['invalid_json', 'Input']]],
  ['a function', () => ({}), [['invalid_json', 'Input']]],
  ['a list', ['u-1', 'e'], [['invalid_json', 'Input']]],
  ['a Map', new Map([['distinctId', 'u-1']]), [['invalid_json', 'Input']]],
  ['a Buffer', Buffer.from('{}'), [['invalid_json', 'Input']]],
  ['a revoked proxy', revoked(), [['unreadable_value', 'Input']]],
  ['a proxy whose keys throw', new Proxy({}, { ownKeys: thrower }), [['unreadable_value', 'Input']]],
  ['a misspelled name', { distinctID: 'u-1', eventName: 'e' }, [['required', 'DistinctId'], ['unknown_parameter', 'distinctID']]],
  ['a misspelled name without a value', { distinctId: 'u-1', eventName: 'e', propertys: undefined }, [['unknown_parameter', 'propertys']]],
  ['names of Object.prototype', { distinctId: 'u-1', eventName: 'e', constructor: 1, toString: 2 }, [['unknown_parameter', 'constructor'], ['unknown_parameter', 'toString']]],
  ['a name that is a prototype', JSON.parse('{"distinctId":"u-1","eventName":"e","__proto__":{"a":1}}'), [['unknown_parameter', '__proto__']]],
  ['a parameter of another operation', { distinctId: 'u-1', eventName: 'e', pageUrl: 'https://e.com' }, [['unknown_parameter', 'pageUrl']]],
  // Ids and names.
  ['an empty id', { distinctId: '', eventName: 'e' }, [['required', 'DistinctId']]],
  ['a blank id', { distinctId: ' \u3000\t', eventName: 'e' }, [['required', 'DistinctId']]],
  ['a boolean id', { distinctId: true, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a fraction as id', { distinctId: 1.5, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['an unsafe integer as id', { distinctId: 2 ** 53, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a huge number as id', { distinctId: 1e300, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['NaN as id', { distinctId: NaN, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['an infinity as id', { distinctId: -Infinity, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a BigInt of more than 64 bits as id', { distinctId: 2n ** 64n, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a BigInt of a million bits as id', { distinctId: 1n << 1_000_000n, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['an invalid Date as id', { distinctId: new Date(NaN), eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a Buffer as id', { distinctId: Buffer.from('u-1'), eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['an object as id', { distinctId: { id: 1 }, eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a list as id', { distinctId: ['u-1'], eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a function as id', { distinctId: () => 'u-1', eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['a Date as id', { distinctId: new Date(0), eventName: 'e' }, [['invalid_type', 'DistinctId']]],
  ['toJSON to a Date as name', { distinctId: 'u-1', eventName: { toJSON: () => new Date(0) } }, [['invalid_type', 'EventName']]],
  ['a getter that throws as id', { get distinctId() { return thrower(); }, eventName: 'e' }, [['unreadable_value', 'DistinctId']]],
  ['an id that is too long', { distinctId: 'x'.repeat(201), eventName: 'e' }, [['too_long', 'DistinctId']]],
  ['a hundred megabytes of id', { distinctId: 'x'.repeat(1e8), eventName: 'e' }, [['too_long', 'DistinctId'], ['too_large', 'DistinctId']]],
  ['a name that is a number', { distinctId: 'u-1', eventName: 5 }, [['invalid_type', 'EventName']]],
  ['a name that is a large BigInt', { distinctId: 'u-1', eventName: -(2n ** 70n) }, [['invalid_type', 'EventName']]],
  ['a name that is too long', { distinctId: 'u-1', eventName: '😀'.repeat(201) }, [['too_long', 'EventName']]],
  // Timestamps and uuids.
  ['an invalid Date', { distinctId: 'u-1', eventName: 'e', timestamp: new Date(NaN) }, [['invalid_timestamp', 'Timestamp']]],
  ['seconds', { distinctId: 'u-1', eventName: 'e', timestamp: 1_700_000_000 }, [['timestamp_not_milliseconds', 'Timestamp']]],
  ['nanoseconds', { distinctId: 'u-1', eventName: 'e', timestamp: 1.7e18 }, [['timestamp_not_milliseconds', 'Timestamp']]],
  ['a time without zone', { distinctId: 'u-1', eventName: 'e', timestamp: '2026-01-01T00:00:00' }, [['naive_timestamp', 'Timestamp']]],
  ['a library’s invalid date', { distinctId: 'u-1', eventName: 'e', timestamp: { toJSON: () => null } }, [['invalid_timestamp', 'Timestamp']]],
  ['no time at all', { distinctId: 'u-1', eventName: 'e', timestamp: 'yesterday' }, [['invalid_timestamp', 'Timestamp']]],
  ['the far future', { distinctId: 'u-1', eventName: 'e', timestamp: new Date(Date.now() + 1e9) }, [['future_timestamp', 'Timestamp']]],
  ['a Date of microseconds', { distinctId: 'u-1', eventName: 'e', timestamp: new Date(1_795_420_800_123_000) }, [['future_timestamp', 'Timestamp']]],
  ['a large BigInt as time', { distinctId: 'u-1', eventName: 'e', timestamp: 2n ** 64n }, [['invalid_type', 'Timestamp']]],
  ['a list as time', { distinctId: 'u-1', eventName: 'e', timestamp: [] }, [['invalid_type', 'Timestamp']]],
  ['a large BigInt as uuid', { distinctId: 'u-1', eventName: 'e', uuid: 2n ** 64n }, [['invalid_type', 'Uuid']]],
  ['no uuid', { distinctId: 'u-1', eventName: 'e', uuid: 'seven' }, [['invalid_uuid', 'Uuid']]],
  ['the nil uuid', { distinctId: 'u-1', eventName: 'e', uuid: '00000000-0000-0000-0000-000000000000' }, [['nil_uuid', 'Uuid']]],
  // Groups and switches.
  ['a group key that is rounded', { distinctId: 'u-1', eventName: 'e', groups: { company: 2 ** 60 } }, [['invalid_type', 'Groups.company']]],
  ['a group key of more than 64 bits', { distinctId: 'u-1', eventName: 'e', groups: { company: 2n ** 64n } }, [['number_out_of_range', 'Groups.company']]],
  ['a group key that is a Date', { distinctId: 'u-1', eventName: 'e', groups: { company: new Date(0) } }, [['invalid_type', 'Groups.company']]],
  ['groups that are a large BigInt', { distinctId: 'u-1', eventName: 'e', groups: 2n ** 64n }, [['invalid_type', 'Groups']]],
  ['a switch that is a large BigInt', { distinctId: 'u-1', eventName: 'e', processPersonProfile: 2n ** 64n }, [['invalid_type', 'ProcessPersonProfile']]],
  ['a group key that is no id', { distinctId: 'u-1', eventName: 'e', groups: { company: true } }, [['invalid_type', 'Groups.company']]],
  ['groups that are a list', { distinctId: 'u-1', eventName: 'e', groups: ['acme'] }, [['invalid_type', 'Groups']]],
  ['a switch that is a word', { distinctId: 'u-1', eventName: 'e', processPersonProfile: 'yes' }, [['invalid_type', 'ProcessPersonProfile']]],
  // Properties as a whole.
  ['properties that are a list', { distinctId: 'u-1', eventName: 'e', properties: [1] }, [['invalid_type', 'Properties']]],
  ['properties that are a large BigInt', { distinctId: 'u-1', eventName: 'e', properties: 2n ** 64n }, [['invalid_type', 'Properties']]],
  ['properties that are an invalid Date', { distinctId: 'u-1', eventName: 'e', properties: new Date(NaN) }, [['invalid_type', 'Properties']]],
  ['properties that are text', { distinctId: 'u-1', eventName: 'e', properties: '{"a":1}' }, [['invalid_type', 'Properties']]],
  ['properties that are a Map', { distinctId: 'u-1', eventName: 'e', properties: new Map([['a', 1]]) }, [['invalid_type', 'Properties']]],
  ['properties that cannot be read', { distinctId: 'u-1', eventName: 'e', properties: revoked() }, [['unreadable_value', 'Properties']]],
  ['a megabyte of properties', property('x'.repeat(1e6)), [['too_large', 'Properties.a']]],
  ['a billion characters', { distinctId: 'u-1', eventName: 'e', properties: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`k${index}`, 'x'.repeat(500_000)])) }, [['too_large', /^Properties\.k\d$/]]],
  // Single values.
  ['NaN', property(NaN), [['not_finite', 'Properties.a']]],
  ['Infinity', property(Infinity), [['not_finite', 'Properties.a']]],
  ['a boxed NaN', property(new Number(NaN)), [['not_finite', 'Properties.a']]],
  ['2n ** 64n', property(2n ** 64n), [['number_out_of_range', 'Properties.a']]],
  ['-(2n ** 63n) - 1n', property(-(2n ** 63n) - 1n), [['number_out_of_range', 'Properties.a']]],
  ['a BigInt of a million bits', property(1n << 1_000_000n), [['number_out_of_range', 'Properties.a']]],
  ['the number below -(2 ** 63)', property(-(2 ** 63) - 2 ** 11), [['number_out_of_range', 'Properties.a']]],
  ['an invalid Date', property(new Date('never')), [['invalid_timestamp', 'Properties.a']]],
  ['toJSON to an invalid Date', property({ toJSON: () => new Date(NaN) }), [['invalid_timestamp', 'Properties.a']]],
  ['toJSON to 2n ** 64n', property({ toJSON: () => 2n ** 64n }), [['number_out_of_range', 'Properties.a']]],
  ['a Buffer', property(Buffer.from('x')), [['invalid_type', 'Properties.a']]],
  ['a Uint8Array', property(new Uint8Array(2)), [['invalid_type', 'Properties.a']]],
  ['a DataView', property(new DataView(new ArrayBuffer(1))), [['invalid_type', 'Properties.a']]],
  ['an ArrayBuffer', property(new ArrayBuffer(2)), [['invalid_type', 'Properties.a']]],
  ['a SharedArrayBuffer', property(new SharedArrayBuffer(2)), [['invalid_type', 'Properties.a']]],
  ['a Map', property(new Map([[1, 2]])), [['invalid_type', 'Properties.a']]],
  ['a Set', property(new Set([1])), [['invalid_type', 'Properties.a']]],
  ['a WeakMap', property(new WeakMap()), [['invalid_type', 'Properties.a']]],
  ['URLSearchParams', property(new URLSearchParams('a=1')), [['invalid_type', 'Properties.a']]],
  ['a generator', property((function* one() { yield 1; })()), [['invalid_type', 'Properties.a']]],
  ['an Error', property(new RangeError('x')), [['invalid_type', 'Properties.a']]],
  ['a DOMException', property(new DOMException('x', 'AbortError')), [['invalid_type', 'Properties.a']]],
  ['a RegExp', property(/x/), [['invalid_type', 'Properties.a']]],
  ['a Promise', property(Promise.resolve(1)), [['invalid_type', 'Properties.a']]],
  ['an object', property({ b: 1 }), [['nested_value', 'Properties.a']]],
  ['a list', property([1, 2]), [['nested_value', 'Properties.a']]],
  ['a class instance', property(new Money()), [['nested_value', 'Properties.a']]],
  ['an object of another realm', property(vm.runInNewContext('({ b: 1 })')), [['nested_value', 'Properties.a']]],
  ['a getter that throws', { distinctId: 'u-1', eventName: 'e', properties: { get a() { return thrower(); } } }, [['unreadable_value', 'Properties.a']]],
  ['a toJSON that throws', property({ toJSON: thrower }), [['unreadable_value', 'Properties.a']]],
  ['a toJSON that throws nothing', property({ toJSON() { throw undefined; } }), [['unreadable_value', 'Properties.a']]],
  ['a toJSON that throws the unreadable', property({ toJSON() { throw revoked(); } }), [['unreadable_value', 'Properties.a']]],
  ['a toJSON that calls itself for ever', property({ toJSON() { return this.toJSON(); } }), [['unreadable_value', 'Properties.a']]],
  ['a revoked proxy', property(revoked()), [['unreadable_value', 'Properties.a']]],
  ['a list whose length throws', property(new Proxy([], { get: (_, key) => (key === 'length' ? thrower() : undefined) })), [['unreadable_value', 'Properties.a']]],
  ['a boxed text that throws', property(Object.assign(new String('x'), { toString: thrower })), [['unreadable_value', 'Properties.a']]],
  ['NaN under an empty key', { distinctId: 'u-1', eventName: 'e', properties: { '': NaN, $a: { '': { b: 2n ** 64n } } } }, [['not_finite', 'Properties.""'], ['number_out_of_range', 'Properties.$a."".b']]],
  ['NaN under a key of 200 characters', { distinctId: 'u-1', eventName: 'e', properties: { ['😀'.repeat(200)]: NaN } }, [['not_finite', `Properties.${'😀'.repeat(200)}`]]],
  ['NaN under a longer key', { distinctId: 'u-1', eventName: 'e', properties: { ['é'.repeat(201)]: NaN } }, [['not_finite', `Properties.${'é'.repeat(200)}...`]]],
  ['NaN under a key of a million characters', { distinctId: 'u-1', eventName: 'e', properties: { ['😀'.repeat(1_000_000)]: NaN } }, [['not_finite', `Properties.${'😀'.repeat(200)}...`]]],
  ['several at once', { eventName: 'e', properties: { a: NaN, b: new Set(), c: 1n << 70n } }, [['required', 'DistinctId'], ['not_finite', 'Properties.a'], ['invalid_type', 'Properties.b'], ['number_out_of_range', 'Properties.c']]],
  ['two hundred at once', { distinctId: 'u-1', eventName: 'e', properties: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, NaN])) }, Array.from({ length: 100 }, (_, index) => ['not_finite', `Properties.k${index}`])],
  ['a cycle under a $ key', { distinctId: 'u-1', eventName: 'e', properties: { $a: cyclic() } }, [['cycle', 'Properties.$a.self']]],
  ['a depth of 101', { distinctId: 'u-1', eventName: 'e', properties: { $a: deep(101) } }, [['too_deep', /^Properties\.\$a/]]],
  ['a depth of a million', { distinctId: 'u-1', eventName: 'e', properties: { $a: deep(1_000_000) } }, [['too_deep', /^Properties\.\$a/]]],
  ['a sparse list of four billion', { distinctId: 'u-1', eventName: 'e', properties: { $a: new Array(2 ** 32 - 1) } }, [['too_large', 'Properties.$a']]],
  ['a tree without end', { distinctId: 'u-1', eventName: 'e', properties: { $a: endless() } }, [['too_deep', /^Properties\.\$a/]]],
];

for (const [name, parameters, expected] of REFUSED) {
  test(`refused: ${name}`, async () => {
    const outcome = await client.createEvent(parameters);
    assert.equal(outcome.statusCode, -1, outcome.errorMessage);
    assert.equal(outcome.errorCode, 'invalid_input');
    assert.equal(outcome.delivery, 'not_sent');
    const found = outcome.findings.slice(0, Math.max(expected.length, 1));
    assert.equal(found.length, expected.length);
    found.forEach((finding, index) => {
      const [code, parameter] = expected[index];
      assert.equal(finding.code, code, finding.message);
      if (parameter instanceof RegExp) assert.match(finding.parameter, parameter);
      else assert.equal(finding.parameter, parameter);
      assert.notEqual(finding.message, '');
    });
    if (!expected.some(([, parameter]) => parameter instanceof RegExp)) {
      assert.equal(outcome.findings.length, expected.length, JSON.stringify(outcome.findings));
    }
  });
}

/** Accepted: the value of a property, what is sent for it, and the warnings. */
const ACCEPTED = [
  ['text', 'x', 'x', []],
  ['empty text', '', '', []],
  ['an integer', 7, 7, []],
  ['a fraction', 0.1, 0.1, []],
  ['a large float', 1e300, 1e300, []],
  ['negative zero', -0, 0, []],
  ['false', false, false, []],
  ['null', null, null, []],
  ['a Date', new Date(0), '1970-01-01T00:00:00.000Z', []],
  ['a Date of another realm', vm.runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z', []],
  ['a URL', new URL('https://example.com/a'), 'https://example.com/a', []],
  ['toJSON', new Wrapped(), 'wrapped', []],
  ['toJSON to a BigInt', { toJSON: () => 5n }, 5, []],
  ['toJSON to a Date', { toJSON: () => new Date(0) }, '1970-01-01T00:00:00.000Z', []],
  ['toJSON to a Date of another realm', { toJSON: () => vm.runInNewContext('new Date(0)') }, '1970-01-01T00:00:00.000Z', []],
  ['a Date without toJSON', Object.assign(new Date(0), { toJSON: undefined }), '1970-01-01T00:00:00.000Z', []],
  ['the least integer of 64 bits', -(2 ** 63), -(2 ** 63), []],
  ['a BigInt', 9007199254740993n, 9007199254740993, []],
  ['boxed text', new String('x'), 'x', []],
  ['a boxed number', new Number(3), 3, []],
  ['a boxed boolean', new Boolean(false), false, []],
  ['a boxed BigInt', Object(3n), 3, []],
  ['undefined', undefined, undefined, [['value_omitted', 'Properties.a']]],
  ['a function', thrower, undefined, [['value_omitted', 'Properties.a']]],
  ['a class', Money, undefined, [['value_omitted', 'Properties.a']]],
  ['a symbol', Symbol('s'), undefined, [['value_omitted', 'Properties.a']]],
  ['a boxed symbol', Object(Symbol('s')), undefined, [['value_omitted', 'Properties.a']]],
  ['toJSON to undefined', { toJSON: () => undefined }, undefined, [['value_omitted', 'Properties.a']]],
  ['half a surrogate pair', 'a\ud800b', 'a\ufffdb', [['lone_surrogate', 'Properties.a']]],
  ['a whole surrogate pair', '🦔', '🦔', []],
  ['a NUL', 'a\0b', 'a\0b', []],
  ['line separators', '\u2028\u2029', '\u2028\u2029', []],
];

for (const [name, value, expected, warnings] of ACCEPTED) {
  test(`accepted: ${name}`, async () => {
    const outcome = await client.createEvent({ distinctId: 'u-1', eventName: 'e', properties: { a: value } });
    assert.equal(outcome.statusCode, 200, outcome.errorMessage);
    assert.deepEqual(sent.pop().properties.a, expected);
    assert.deepEqual(outcome.warnings.map(({ code, parameter }) => [code, parameter]), warnings);
  });
}

/** Nested values with the option `nestedProperties`. */
const NESTED = [
  ['objects and lists', { b: [1, { c: null }] }, { b: [1, { c: null }] }, []],
  ['a class instance', new Money(), { amount: 5 }, []],
  ['an object without prototype', Object.assign(Object.create(null), { b: 1 }), { b: 1 }, []],
  ['the same object twice', ((one) => [one, one])({ b: 1 }), [{ b: 1 }, { b: 1 }], []],
  ['a sparse list', [1, , 3], [1, null, 3], [['value_omitted', 'Properties.a.1']]],
  ['undefined inside', { b: undefined, c: 1 }, { c: 1 }, [['value_omitted', 'Properties.a.b']]],
  ['symbols as keys', { [Symbol('s')]: 1, b: 2 }, { b: 2 }, []],
  ['keys of prototypes', JSON.parse('{"__proto__":{"x":1},"constructor":2}'), JSON.parse('{"__proto__":{"x":1},"constructor":2}'), []],
  ['a depth of 100', deep(100), deep(100), []],
  ['hidden properties', Object.defineProperty({ b: 1 }, 'c', { value: thrower, enumerable: false }), { b: 1 }, []],
  ['a proxy', new Proxy({ b: 1 }, {}), { b: 1 }, []],
];

for (const [name, value, expected, warnings] of NESTED) {
  test(`accepted when nested: ${name}`, async () => {
    const outcome = await nested.createEvent(property(value));
    assert.equal(outcome.statusCode, 200, outcome.errorMessage);
    assert.deepEqual(sent.pop().properties.a, expected);
    assert.deepEqual(outcome.warnings.map(({ code, parameter }) => [code, parameter]), warnings);
  });
}

test('refused when nested: every path is named', async () => {
  const outcome = await nested.createEvent(property({ b: [1, NaN, { c: new Map() }], d: cyclic() }));
  assert.deepEqual(
    outcome.findings.map(({ code, parameter }) => [code, parameter]),
    [['not_finite', 'Properties.a.b.1'], ['invalid_type', 'Properties.a.b.2.c'], ['cycle', 'Properties.a.d.self']],
  );
});

test('the least integer of 64 bits keeps its digits, however deep', async () => {
  const { body } = build('event', { DistinctId: 'u-1', EventName: 'e', Properties: { a: -(2 ** 63), $b: [-(2 ** 63)] } }, { apiKey: 'phc_x' });
  assert.ok(body.includes('"a":-9223372036854775808,"$b":[-9223372036854775808]'), String(body));
});

test('what is refused is told what its place takes, and nothing else', async (context) => {
  const queue = client.queue();
  context.after(() => queue.close());
  const time = 'give Unix milliseconds or RFC 3339 text with a zone, for example 2026-11-23T08:00:00Z.';
  const key = 'give text or an integer.';
  const common = { distinctId: 'u-1', eventName: 'e' };
  for (const [parameters, parameter, advice] of [
    [{ ...common, timestamp: new Date(NaN) }, 'Timestamp', time],
    [{ ...common, properties: { timestamp: new Date(NaN) } }, 'Properties.timestamp', time],
    [{ ...common, groups: { a: 2 ** 53 } }, 'Groups.a', key],
    [{ ...common, groups: { a: NaN } }, 'Groups.a', key],
    [{ ...common, groups: { a: new Map() } }, 'Groups.a', key],
    [{ ...common, properties: { a: new Map() } }, 'Properties.a', 'send text, a number, a boolean or null.'],
    [{ ...common, properties: { a: NaN } }, 'Properties.a', 'leave the key out or send null.'],
    [{ distinctId: 'u-1', signupDate: new Date(NaN) }, 'SignupDate', 'give text.'],
    [{ distinctId: 'u-1', propertiesUnset: [new Map()] }, 'PropertiesUnset.0', 'give text.'],
    [{ distinctId: 'u-1', propertiesUnset: [NaN] }, 'PropertiesUnset.0', 'give text.'],
  ]) {
    const method = 'eventName' in parameters ? 'createEvent' : 'createIdentity';
    for (const told of [await client[method](parameters), queue[method](parameters)]) {
      const [finding, ...others] = told.findings;
      assert.deepEqual([finding.parameter, others], [parameter, []]);
      assert.ok(finding.message.endsWith(`; ${advice}`), finding.message);
      assert.equal(told.errorMessage, finding.message);
    }
  }
  const built = build('event', { DistinctId: 'u-1', EventName: 'e', Timestamp: new Date(NaN) }, { apiKey: 'phc_x' });
  assert.ok(built.errorMessage.endsWith(`; ${time}`), built.errorMessage);
});

test('a list without end is left once it is too large', async (context) => {
  const queue = nested.queue();
  context.after(() => queue.close());
  for (const item of [1, true, null, 'text', [1]]) {
    let reads = 0;
    const get = (_, key) => {
      if (key === 'length') return 1e9;
      if (typeof key !== 'string' || !/^\d+$/.test(key)) return undefined;
      reads += 1;
      if (reads > 4e6) throw new Error('it is still read');
      return item;
    };
    for (const told of [await nested.createEvent({ distinctId: 'u-1', eventName: 'e', properties: { $x: new Proxy([], { get }) } }),
      queue.createEvent({ distinctId: 'u-1', eventName: 'e', properties: { $x: new Proxy([], { get }) } })]) {
      assert.deepEqual(told.findings.map(({ code, parameter }) => [code, parameter]), [['too_large', 'Properties.$x']]);
    }
  }
});

test('a long list of plain values is still read the quick way', () => {
  assert.notEqual(plainInputText({ properties: { $x: new Array(100_000).fill(1) } }, { properties: 'Properties' }), undefined);
});

test('what is refused in a list is refused once', async () => {
  const outcome = await client.createIdentity({ distinctId: 'u-1', propertiesUnset: ['a', 2n ** 64n, NaN, new Map(), 5] });
  assert.deepEqual(
    outcome.findings.map(({ code, parameter }) => [code, parameter]).sort(),
    [['invalid_type', 'PropertiesUnset.3'], ['invalid_type', 'PropertiesUnset.4'], ['not_finite', 'PropertiesUnset.2'], ['number_out_of_range', 'PropertiesUnset.1']],
  );
});

test('any required parameter that is a BigInt of more than 64 bits is named once, and not called missing', async () => {
  const large = 2n ** 64n;
  for (const outcome of [
    await client.createAlias({ distinctId: large, alias: large }),
    await client.identifyGroup({ groupType: large, groupKey: large }),
    await client.trackPage({ distinctId: large, pageUrl: large }),
    await client.trackScreen({ distinctId: large, screenViewName: large }),
    await client.createIdentity({ distinctId: large, anonymousId: large }),
  ]) {
    assert.deepEqual(outcome.findings.map(({ code }) => code), ['invalid_type', 'invalid_type'], outcome.errorMessage);
    assert.match(outcome.errorMessage, /18446744073709551616, a number of more than 64 bits; give text/);
  }
});

test('ids may be safe integers and BigInts, and dates may be Dates', async () => {
  const outcome = await client.createAlias({ distinctId: 42, alias: 2n ** 63n, timestamp: new Date('2026-01-02T03:04:05Z') });
  assert.equal(outcome.statusCode, 200, outcome.errorMessage);
  const event = sent.pop();
  assert.equal(event.distinct_id, '42');
  assert.equal(event.properties.alias, '9223372036854775808');
  assert.equal(event.timestamp, '2026-01-02T03:04:05.000Z');
});

test('null and undefined are not given', async () => {
  const outcome = await client.createIdentity({ distinctId: 'u-1', name: null, email: undefined, propertiesSet: null, groups: undefined });
  assert.equal(outcome.statusCode, 200, outcome.errorMessage);
  assert.deepEqual(outcome.warnings, []);
  assert.equal(sent.pop().properties.$set, undefined);
});

test('hostile text for execute is refused', async () => {
  for (const text of ['', '{', '[]', 'null', '{"DistinctId":"u"}x', '\ud800', '['.repeat(1e5), '{"a":'.repeat(1e5)]) {
    const outcome = await client.execute('event', text);
    assert.deepEqual(outcome.findings.map(({ code }) => code), ['invalid_json'], text.slice(0, 20));
  }
  const outcome = await client.execute('event', '{"DistinctId":"a\ud800","EventName":"e"}');
  assert.deepEqual(outcome.warnings.map(({ code }) => code), ['lone_surrogate']);
  sent.pop();
});

test('build refuses the same as a client', () => {
  const refused = build('event', { DistinctId: 'u-1', EventName: 'e', Properties: { a: new Set() } }, { apiKey: 'phc_x' });
  assert.equal(refused.ok, false);
  assert.deepEqual(refused.findings.map(({ code, parameter }) => [code, parameter]), [['invalid_type', 'Properties.a']]);
});

test('nothing was sent that no test looked at', () => {
  assert.deepEqual(sent, []);
});
