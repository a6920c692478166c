'use strict';
/** The package as others see it: both module systems, types, published lists, README. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const hogwire = require('..');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();
const FOLDER = path.join(__dirname, '..');

test('import gives the same names as require', async () => {
  const { default: all, ...named } = await import('hogwire');
  assert.equal(all, hogwire);
  assert.deepEqual(Object.keys(named).sort(), Object.keys(hogwire).sort());
  for (const [name, value] of Object.entries(named)) assert.equal(value, hogwire[name], name);
  assert.equal(require('hogwire'), hogwire);
  const { default: testing, ...helpers } = await import('hogwire/testing');
  assert.equal(testing, require('hogwire/testing'));
  assert.deepEqual(helpers, { ...testing });
});

test('the version is the package’s and the crate’s', () => {
  assert.equal(hogwire.version, require('../package.json').version);
});

test('the types know every published word', () => {
  const types = fs.readFileSync(path.join(FOLDER, 'index.d.ts'), 'utf8');
  for (const [type, words] of [
    ['ErrorCode', hogwire.ERROR_CODES],
    ['Delivery', hogwire.DELIVERIES],
    ['FindingCode', hogwire.FINDING_CODES],
    ['WarningCode', hogwire.WARNING_CODES],
    ['DropReason', hogwire.DROP_REASONS],
    ['OperationName', Object.keys(hogwire.OPERATIONS)],
  ]) {
    const [, union] = types.match(new RegExp(`export type ${type} =([^;]*);`));
    assert.deepEqual([...union.matchAll(/'(\w+)'/g)].map(([, word]) => word), [...words], type);
  }
});

test('the types know every parameter and option', () => {
  const types = fs.readFileSync(path.join(FOLDER, 'index.d.ts'), 'utf8');
  const { catalogue } = require('../lib/native.js');
  const parameters = Object.values(catalogue.operations).flatMap((operation) => Object.keys(operation));
  const options = [...catalogue.options, ...catalogue.queueOptions].map((option) => option.replace(/_(.)/g, (_, letter) => letter.toUpperCase()));
  for (const name of [...parameters, ...options]) assert.match(types, new RegExp(`\\n  ${name}\\??: `), name);
});

test('strict TypeScript accepts a file that uses everything', { skip: !fs.existsSync(path.join(FOLDER, 'node_modules/typescript')) && 'npm ci has not been run' }, () => {
  const compiler = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', path.join(__dirname, 'types')], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

/** The blocks of a Markdown file that are JavaScript. */
function blocks(file) {
  return [...fs.readFileSync(file, 'utf8').matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block);
}

for (const file of ['README.md', '../README.md']) {
  test(`every JavaScript block of ${file} runs`, async () => {
    const all = blocks(path.join(FOLDER, file));
    assert.ok(all.length > 0);
    for (const block of all) {
      // Of a broken host, a block would only hear after the time-out; here it is answered.
      const program = block.replaceAll('https://us.i.posthog.com', receiver.url);
      const isModule = /^import /m.test(program);
      const { status, stderr } = spawnSync(process.execPath, [isModule ? '--input-type=module' : '--input-type=commonjs', '-e', program], {
        cwd: FOLDER,
        encoding: 'utf8',
        timeout: 30_000,
        env: { ...process.env, POSTHOG_API_KEY: 'phc_x', POSTHOG_HOST: receiver.url },
      });
      assert.equal(status, 0, `${program}\n${stderr}`);
      assert.equal(stderr, '', program);
    }
    assert.ok((await receiver.stored()).length > 0, 'the blocks sent something');
  });
}
