'use strict';
/**
 * hogwire/testing: a transport that records what would have been sent, for the tests of programs that use hogwire. Types and
 * documentation stand in testing.d.ts.
 */

const { native } = require('./lib/native.js');

function recordingTransport() {
  /** @type {any[]} */
  const requests = [];
  /** @type {any[]} */
  const script = [];

  /** @param {any} request @param {any} context */
  async function transport(request, context) {
    // By its JSON, because its class may be another one than this file would find: a test runner can forget modules in between.
    const body = JSON.parse(native.redactedBody(JSON.stringify(request)));
    const recorded = { request, body, isAccepted: false };
    requests.push(recorded);
    const scripted = script.shift();
    const given = typeof scripted === 'function' ? await scripted(request, context) : scripted;
    const answer = given ?? success(request, body);
    recorded.isAccepted = answer.status >= 200 && answer.status < 300;
    return answer;
  }

  return Object.defineProperties(transport, {
    requests: { value: requests },
    events: { get: () => onceEach(requests.flatMap(({ body }) => body.batch)) },
    answer: { value: (/** @type {any[]} */ ...answers) => void script.push(...answers) },
    clear: {
      value: () => {
        requests.length = 0;
        script.length = 0;
      },
    },
  });
}

/** An event that was sent several times stands where it was sent first. @param {{ uuid: string }[]} events */
function onceEach(events) {
  const seen = new Set();
  return events.filter(({ uuid }) => !seen.has(uuid) && seen.add(uuid));
}

/** What the server answers when all is well. @param {any} request @param {{ batch: { uuid: string }[] }} body */
function success({ protocol }, { batch }) {
  const body = protocol === 'v0' ? { status: 'Ok' } : { results: Object.fromEntries(batch.map(({ uuid }) => [uuid, { result: 'ok' }])) };
  return { status: 200, body: JSON.stringify(body) };
}

exports.recordingTransport = recordingTransport;
