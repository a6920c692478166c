'use strict';
/** The quick way into a queue says and sends what the thorough way does, and leaves to that whatever is unusual. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client } = require('..');
const { camelCaseNumbers, writePlain } = require('../lib/plain.js');
const { recordingTransport } = require('../testing.js');

/** Numbers from 0 to 1, the same in every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const PIECES = ['plain', 'größe', '請求書', '😀', '\ud800', '\udc00\ud800', '"', '\\', '\n', '\0', '\u0001', '\u2028', '\ufffd', ' ', ''];
const NUMBERS = [0, -0, 1, -7, 0.1, -2.5e-9, 1e21, 2 ** 53, 2 ** 53 - 1, -(2 ** 53) + 1, 1e300, 5e-324, NaN, Infinity, 129.99];

/** Any value that a caller may pass, most of them usual. */
function anyValue(random, depth = 0) {
  const one = (list) => list[Math.floor(random() * list.length)];
  const several = () => Array.from({ length: Math.floor(random() * 4) }, () => anyValue(random, depth + 1));
  const text = () => one(PIECES) + one(PIECES) + one(PIECES);
  const kinds = [
    text,
    text,
    () => one(NUMBERS),
    () => Math.floor(random() * 1e9),
    () => random() < 0.5,
    () => one([null, undefined, 10n, new Date(0), new Date(NaN), [,], Object.create({ inherited: 1 }), Symbol.iterator]),
    several,
    () => Object.fromEntries(several().map((value) => [text(), value])),
  ];
  return depth > 3 ? text() : one(kinds)();
}

test('both ways say and send the same', async (context) => {
  const random = numbers(7);
  const transport = recordingTransport();
  const client = new Client('phc_x', { transport, nestedProperties: true });
  const queue = client.queue({ flushAt: 100_000, flushIntervalMs: 3_600_000 });
  context.after(() => client.close());
  let [plain, sent] = [0, 0];
  for (let round = 0; round < 400; round += 1) {
    const properties = Object.fromEntries(Array.from({ length: 1 + (round % 5) }, (_, index) => [`key ${index}`, anyValue(random)]));
    const parameters = { distinctId: `user ${PIECES[round % 4]}`, eventName: 'e', uuid: undefined, timestamp: 1_795_420_800_000, properties };
    if (round % 10 === 0) parameters.distinctId = anyValue(random);
    plain += writePlain(parameters, camelCaseNumbers.event) === undefined ? 0 : 1;
    const receipt = queue.createEvent(parameters);
    const outcome = await client.createEvent(parameters);
    assert.deepEqual([receipt.ok, receipt.findings, receipt.warnings], [outcome.ok, outcome.findings, outcome.warnings]);
    if (!receipt.ok) continue;
    sent += 1;
    await queue.flush();
    const [direct, queued] = transport.events.map(({ uuid, ...event }) => event);
    assert.deepEqual(queued, direct);
    transport.clear();
  }
  assert.ok(plain > 150 && plain < 400 && sent > 200 && sent < 400, `${plain} of 400 were plain, ${sent} were sent`);
});

test('a long event is sent as it is, whichever way', async (context) => {
  const transport = recordingTransport();
  const client = new Client('phc_x', { transport });
  const queue = client.queue({ flushAt: 100_000 });
  context.after(() => client.close());
  const usual = PIECES.filter((piece) => !/[\ud800\udc00\ufffd]/.test(piece));
  for (let length = 1; length <= 120; length += 1) {
    const pairs = Array.from({ length: 200 }, (_, index) => [`${index} ${usual[index % usual.length]}`, usual[(index + length) % usual.length].repeat(length)]);
    const properties = Object.fromEntries(pairs);
    const parameters = { distinctId: 'u', eventName: 'e', properties };
    assert.notEqual(writePlain(parameters, camelCaseNumbers.event), undefined);
    assert.ok(queue.createEvent(parameters).ok);
    await queue.flush();
    const [{ properties: sent }] = transport.events;
    for (const [key, value] of pairs) assert.equal(sent[key], value);
    transport.clear();
  }
  // Half a surrogate pair beside the place where the text is divided, as anywhere, is what the thorough way says it is.
  const half = { distinctId: 'u', eventName: 'e', properties: { long: `${'x'.repeat(5_000)}\ud83d`, '\ude00': 1 } };
  assert.equal(queue.createEvent(half).warnings[0].code, 'lone_surrogate');
});

const getter = { distinctId: 'u', get eventName() { throw new Error('no'); } };
const cyclic = {};
cyclic.self = cyclic;

for (const [what, parameters] of [
  ['nothing', undefined],
  ['a list', []],
  ['a parameter that does not exist', { distinctId: 'u', eventName: 'e', colour: 'red' }],
  ['a getter that throws', getter],
  ['an object with a class', new (class Parameters {})()],
  ['groups', { distinctId: 'u', eventName: 'e', groups: { company: 1 } }],
  ['a list where there is none', { distinctId: 'u', propertiesUnset: [Symbol.iterator] }],
  ['a cycle', { distinctId: 'u', eventName: 'e', properties: cyclic }],
  ['a list with a toJSON', { distinctId: 'u', eventName: 'e', properties: { list: Object.assign([1], { toJSON: () => 2 }) } }],
  ['more values than marks', { distinctId: 'u', eventName: 'e', properties: { list: new Array(20_000).fill(1) } }],
  ['more text than memory', { distinctId: 'u', eventName: 'e', properties: { text: 'x'.repeat(400_000) } }],
  ['text in keys without end', { distinctId: 'u', eventName: 'e', properties: { ['x'.repeat(400_000)]: 1 } }],
]) {
  test(`the quick way leaves alone: ${what}`, () => {
    assert.equal(writePlain(parameters, { ...camelCaseNumbers.event, propertiesUnset: 0 }), undefined);
  });
}

test('a property that every object inherits is not sent', (context) => {
  const parameters = { distinctId: 'u', eventName: 'e', properties: { a: 1 } };
  Object.defineProperty(Object.prototype, 'everywhere', { value: 1, enumerable: true, configurable: true });
  context.after(() => delete Object.prototype.everywhere);
  assert.equal(writePlain(parameters, camelCaseNumbers.event), undefined);
});

test('a getter may push an event of its own', async () => {
  const transport = recordingTransport();
  const client = new Client('phc_x', { transport });
  const queue = client.queue();
  const properties = { get inner() { return queue.createEvent({ distinctId: 'inner', eventName: 'e' }).ok; }, after: 'text' };
  assert.ok(queue.createEvent({ distinctId: 'outer', eventName: 'e', properties }).ok);
  await queue.close();
  const sent = transport.events.map(({ distinct_id, properties: { inner, after } }) => [distinct_id, inner, after]);
  assert.deepEqual(sent.sort(), [['inner', undefined, undefined], ['outer', true, 'text']]);
  await client.close();
});
