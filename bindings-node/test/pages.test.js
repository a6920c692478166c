'use strict';
/** Every JavaScript block of every page runs, and prints what it says it prints; `tests/pages.json` names the pages. */

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { blocks, userFolder } = require('./support/pages.js');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();

/** What `console.log(...); // 200 accepted` promises, in order; `...` stands for anything. */
function promises(block) {
  return [...block.matchAll(/(?:console\.log|show)\(.*\/\/ (.*)$/gm)].flatMap(([, promise]) => promise.split('...').map((part) => part.trim())).filter(Boolean);
}

const ALL = blocks();

test('the guide has blocks', () => {
  assert.ok(ALL.filter(({ page }) => page === 'bindings-node/README.md').length >= 10);
});

for (const [number, { page, block }] of ALL.entries()) {
  test(`block ${number}, ${page}`, async (context) => {
    const code = block.replaceAll('https://us.i.posthog.com', receiver.url);
    const folder = userFolder(context);
    // A file and not `-e`: worker threads are started from the program they belong to.
    const file = path.join(folder, /^import /m.test(code) ? 'block.mjs' : 'block.cjs');
    fs.writeFileSync(file, code);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
      cwd: folder,
      timeout: 60_000,
      env: { ...process.env, POSTHOG_API_KEY: 'phc_x', POSTHOG_HOST: receiver.url },
    });
    assert.equal(stderr, '');
    for (const promise of promises(block)) assert.ok(stdout.includes(promise), `it promises ${promise} and prints\n${stdout}`);
    if (code.includes(receiver.url)) assert.ok((await receiver.requests()).length > 0 || /dropped|-1|findings/.test(block), 'it sent something');
  });
}
