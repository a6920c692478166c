'use strict';
/** The log: with NODE_DEBUG, a line for each outcome and for each event that a queue does not take; nothing otherwise. */

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const PROGRAM = `
  const { Client } = require('hogwire');
  const { recordingTransport } = require('hogwire/testing');
  (async () => {
    const client = new Client('phc_zq7zq7', { transport: recordingTransport(), beforeSend: ({ event }) => event === 'secret' ? null : undefined });
    await client.createEvent({ distinctId: '', eventName: 'Paid' });
    await client.sendBatch([{ operation: 'event', distinctId: 'u-1', eventName: 'secret' }]);
    const queue = new Client('phc_zq7zq7', { transport: recordingTransport() }).queue();
    queue.createEvent({ distinctId: 'u-1', eventName: 'Paid' });
    queue.createEvent({ distinctId: 'u-1' });
    await queue.close();
    queue.createEvent({ distinctId: 'u-1', eventName: 'late' });
  })();
`;

/** What the program writes to stderr. @param {string | undefined} debugged */
async function logged(debugged) {
  const program = PROGRAM.replaceAll("'hogwire", `'${path.join(__dirname, '..').replaceAll('\\', '/')}`);
  const env = { ...process.env, NODE_DEBUG: debugged };
  if (debugged === undefined) delete env.NODE_DEBUG;
  return (await promisify(execFile)(process.execPath, ['-e', program], { env, timeout: 60_000 })).stderr;
}

test('each outcome is a line, and each event that a queue does not take', async () => {
  const lines = (await logged('hogwire')).trim().split(/\r?\n/).map((line) => line.replace(/^HOGWIRE \d+: /, ''));
  assert.equal(lines.length, 4, lines.join('\n'));
  assert.equal(lines[0], 'invalid_input: not_sent, status 0, attempts 0, event null: DistinctId is missing or empty; the operation event needs it.');
  assert.match(lines[1], /^dropped: not_sent, status 0, attempts 0, event [\da-f-]{36}: the event was dropped by a beforeSend hook$/);
  assert.equal(lines[2], 'invalid_input: not queued, event null: EventName is missing or empty; the operation event needs it.');
  assert.equal(lines[3], 'closed: not queued, event null: the queue is closed; make a new one');
});

test('nothing is written unless it is asked for', async () => {
  assert.equal(await logged(undefined), '');
});
