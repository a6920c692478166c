'use strict';
/** Every @example of the types runs, as it stands, in this Node, and gives what its comments say. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const hogwire = require('..');
const { recordingTransport } = require('../testing.js');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();
const PAGES = ['index.d.ts', 'testing.d.ts'];
const AsyncFunction = (async () => {}).constructor;

function read(page) {
  return fs.readFileSync(path.join(__dirname, '..', page), 'utf8');
}

/** `{ page, line, code }` of each. */
const EXAMPLES = PAGES.flatMap((page) => {
  const types = read(page);
  return [...types.matchAll(/^ *\* @example\n((?: *\*(?: (?!@)[^\n]*)?\n)+)/gm)].map(({ 1: lines, index }) => ({
    page,
    line: types.slice(0, index).split('\n').length,
    code: lines.replace(/^ *\* ?/gm, '').trimEnd(),
  }));
});

/** The code with every expression that a comment follows as an argument of `check`, beside what the comment says. */
function checked(code) {
  return code.replace(/^(?!const |if |process\.|[}\]])(.*); \/\/ (.*)$/gm, (_, expression, said) => `check(${expression}, ${JSON.stringify(said)});`);
}

/** Whether a value is what a comment says: a text, a switch, a status, or an object by its first members. */
function check(value, said) {
  const [, text, bare, status, members] = said.match(/^(?:'(\w+)'|(true|false|\d)\b.*|(?:statusCode )?(\d{3})|\{(.*)\})$/) ?? assert.fail(said);
  if (status !== undefined) assert.equal(value.statusCode, Number(status));
  else if (members === undefined) assert.equal(String(value), text ?? bare);
  else for (const [, name, told] of members.matchAll(/(\w+): '([^']*)'/g)) assert.equal(value[name], told);
}

test('every example of the types is found', () => {
  const marked = PAGES.flatMap((page) => read(page).match(/@example\n/g));
  assert.equal(EXAMPLES.length, marked.length);
  assert.ok(EXAMPLES.every(({ code }) => code !== ''));
});

for (const { page, line, code } of EXAMPLES) {
  test(`example of ${page}, line ${line}`, async (context) => {
    const client = new hogwire.Client('phc_x', { host: receiver.url });
    const transport = recordingTransport();
    const recorded = new hogwire.Client('phc_x', { transport });
    const queue = client.queue();
    context.after(() => Promise.all([queue.close(), client.close(), recorded.close()]));
    const names = {
      ...hogwire,
      check,
      client: /^transport\./m.test(code) ? recorded : client,
      queue,
      transport,
      recordingTransport,
      request: hogwire.build('event', { DistinctId: 'user-12345', EventName: 'Paid' }, { apiKey: 'phc_x' }),
      order: { paidAt: new Date() },
      console: { log: () => {}, error: (...told) => assert.fail(told.join(' ')) },
      process: { on: (event, listener) => assert.equal(typeof listener, 'function', event) },
      fetch: async (_, { redirect }) => {
        assert.equal(redirect, 'manual', 'a redirect that is followed would lose the event');
        return new Response('{"status":"Ok"}');
      },
    };
    // What the example itself declares is its own.
    const given = Object.keys(names).filter((name) => !new RegExp(`^const (${name}|\\{.*\\b${name}\\b.*\\}) =`, 'm').test(code));
    const run = () => new AsyncFunction(...given, checked(code))(...given.map((name) => names[name]));
    const [, wrong] = code.match(/\/\/ (ConfigError: .*?)(?: \.\.\.)?$/m) ?? [];
    if (wrong === undefined) await run();
    else await assert.rejects(run(), (error) => String(error).startsWith(wrong));
  });
}
