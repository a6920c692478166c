'use strict';
/** What the network does, from real exchanges with the receiver. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client } = require('..');
const { REFUSED_URL, useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();

const PARAMETERS = {
  createAlias: { distinctId: 'u-1', alias: 'u-2' },
  createEvent: { distinctId: 'u-1', eventName: 'e' },
  createIdentity: { distinctId: 'u-1', name: 'Ada' },
  trackPage: { distinctId: 'u-1', pageUrl: 'https://example.com/' },
  trackScreen: { distinctId: 'u-1', screenViewName: 'Home' },
};

/** What the server does; the uniform fields; StatusCode per operation: alias, event, identity, page, screen. */
const CASES = [
  ['429', { status: 429, headers: [['Retry-After', '7']] }, 'rate_limited', 'rejected', [429, 429, 429, 429, 429]],
  ['500', { status: 500 }, 'server_error', 'unknown', [500, 500, 500, 500, 500]],
  ['503', { status: 503 }, 'server_error', 'unknown', [500, 500, 503, 500, 500]],
  ['408', { status: 408 }, 'server_error', 'unknown', [500, 500, 408, 408, 500]],
  ['400', { status: 400, body: 'no' }, 'rejected', 'rejected', [500, 500, 400, 400, 500]],
  ['401', { status: 401 }, 'unauthorized', 'rejected', [500, 500, 401, 401, 500]],
  ['302', { status: 302, headers: [['Location', 'https://eu.i.posthog.com/']] }, 'redirected', 'rejected', [500, 500, 302, 302, 500]],
  ['413', { status: 413 }, 'too_large', 'rejected', [500, 500, 413, 413, 500]],
  ['402', { status: 402 }, 'quota_exceeded', 'rejected', [500, 500, 402, 402, 500]],
  ['an answer that comes too late', { delay_ms: 3_000 }, 'timeout', 'unknown', [500, 500, 500, 504, 500]],
  ['a connection cut before the answer', { cut: 'before_answer' }, 'network', 'unknown', [500, 500, 500, 500, 500]],
  ['a connection cut in the answer', { cut: 'in_body' }, 'network', 'unknown', [500, 500, 500, 500, 500]],
];

for (const [name, step, errorCode, delivery, statusCodes] of CASES) {
  test(`every operation after ${name}`, async () => {
    const client = new Client('phc_x', { host: receiver.url, maxRetries: 0, timeoutMs: step.delay_ms ? 200 : 10_000 });
    for (const [index, [method, parameters]] of Object.entries(PARAMETERS).entries()) {
      await receiver.reset();
      await receiver.script(step);
      const outcome = await client[method](parameters);
      assert.equal(outcome.statusCode, statusCodes[index], `${method}: ${outcome.errorMessage}`);
      assert.equal(outcome.errorCode, errorCode);
      assert.equal(outcome.delivery, delivery);
      assert.equal(outcome.originalStatusCode, step.status ?? 0);
      assert.equal(outcome.retryAfterMs, name === '429' ? 7_000 : null);
      assert.notEqual(outcome.errorMessage, '');
    }
    await client.close();
  });
}

test('every operation without a server', async () => {
  const client = new Client('phc_x', { host: REFUSED_URL, maxRetries: 0 });
  for (const [method, parameters] of Object.entries(PARAMETERS)) {
    const outcome = await client[method](parameters);
    assert.deepEqual([outcome.statusCode, outcome.errorCode, outcome.delivery], [500, 'network', 'not_sent'], method);
    assert.equal(outcome.attempts, 1);
  }
  await client.close();
});

test('what may work the next time is retried with the same event', async () => {
  await receiver.script({ status: 503 }, { status: 503 });
  const client = new Client('phc_x', { host: receiver.url });
  const outcome = await client.createEvent(PARAMETERS.createEvent);
  assert.deepEqual([outcome.statusCode, outcome.attempts], [200, 3]);
  const uuids = (await receiver.requests()).map(({ text }) => JSON.parse(text).batch[0].uuid);
  assert.deepEqual(uuids, [outcome.eventUuid, outcome.eventUuid, outcome.eventUuid]);
  await client.close();
});
