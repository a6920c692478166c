'use strict';
/** The package as others see it: both module systems, types, published lists. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const hogwire = require('..');
const { TARGET } = require('./support/receiver.js');

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

test('the links of the README lead to what is published beside it', () => {
  const published = new Set(require('../package.json').files);
  const links = [...fs.readFileSync(path.join(FOLDER, 'README.md'), 'utf8').matchAll(/\]\(([^)#]*)[^)]*\)/g)].map(([, target]) => target);
  assert.ok(links.length > 5);
  for (const target of links.filter(Boolean)) assert.ok(published.has(target) || /^https:/.test(target), target);
});

test('every platform’s addon is looked for under the name it is published by', () => {
  const { PLATFORMS, packageOf } = require('../lib/platform.js');
  const { candidates } = require('../lib/native.js');
  const names = Object.keys(PLATFORMS);
  assert.ok(names.length > 0);
  for (const name of names) {
    const { os, cpu } = PLATFORMS[name];
    assert.ok(candidates({ platform: os, arch: cpu }).includes(packageOf(name)), name);
  }
});

test('every platform’s addon is required in full, as tools find it that copy what a program needs', () => {
  const { PLATFORMS, packageOf } = require('../lib/platform.js');
  const source = fs.readFileSync(path.join(FOLDER, 'lib', 'native.js'), 'utf8');
  const required = [...source.matchAll(/case '(.*)': return require\('(.*)'\);/g)].flatMap(([, ...names]) => names);
  assert.deepEqual(required, Object.keys(PLATFORMS).flatMap((name) => [packageOf(name), packageOf(name)]));
});

test('without the addon, it is said how to get it, and what a bundler has to leave outside', (context) => {
  const copy = fs.mkdtempSync(path.join(TARGET, 'bare-'));
  context.after(() => fs.rmSync(copy, { recursive: true }));
  for (const name of ['index.js', 'package.json', 'lib']) fs.cpSync(path.join(FOLDER, name), path.join(copy, name), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, ['index.js'], { cwd: copy, encoding: 'utf8' });
  assert.equal(status, 1);
  for (const words of ['npm install @hogwire/', '--omit=optional', '--external:hogwire', "serverExternalPackages: ['hogwire']"]) assert.ok(stderr.includes(words), stderr);
  const guide = fs.readFileSync(path.join(FOLDER, 'README.md'), 'utf8');
  for (const words of ['--external:hogwire', "serverExternalPackages: ['hogwire']"]) assert.ok(guide.includes(words), 'the guide says so');
});

test('where Node loads no addons, it is said how to have it load them', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--no-addons', 'index.js'], { cwd: FOLDER, encoding: 'utf8' });
  assert.equal(status, 1);
  for (const words of ['hogwire is a native addon', '--allow-addons', '--no-addons', 'ERR_DLOPEN_DISABLED']) assert.ok(stderr.includes(words), stderr);
});

test('what the types refer to is asked of those who use TypeScript, and of nobody else', () => {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = require('../package.json');
  const types = fs.readFileSync(path.join(FOLDER, 'index.d.ts'), 'utf8');
  const referred = [...types.matchAll(/^\/\/\/ <reference types="(\w+)" \/>/gm)].map(([, name]) => `@types/${name}`);
  assert.deepEqual(Object.keys(peerDependencies), referred);
  for (const name of referred) {
    assert.equal(peerDependenciesMeta[name].optional, true);
    assert.ok(fs.readFileSync(path.join(FOLDER, 'README.md'), 'utf8').includes(`npm install --save-dev ${name}`), 'the guide says so');
  }
  const { packages: { '': locked } } = require('../package-lock.json');
  assert.deepEqual([locked.peerDependencies, locked.peerDependenciesMeta], [peerDependencies, peerDependenciesMeta]);
});

test('installing a checkout as the guide says builds the addon, and makes npm fetch nothing', (context) => {
  const [, command, checkout] = fs.readFileSync(path.join(FOLDER, 'README.md'), 'utf8').match(/From a checkout[^`]*`npm (install (\S*))`/);
  const parent = fs.mkdtempSync(path.join(TARGET, 'install-'));
  context.after(() => fs.rmSync(parent, { recursive: true }));
  const project = path.join(parent, 'project');
  const copy = path.resolve(project, checkout);
  const isSource = (file) => !/\.node$|node_modules$/.test(file);
  fs.cpSync(FOLDER, copy, { recursive: true, filter: isSource });
  fs.mkdirSync(project, { recursive: true });
  fs.writeFileSync(path.join(project, 'package.json'), '{}');
  const offline = ['--offline', '--no-audit', '--no-fund', '--cache', path.join(parent, 'cache')];
  const { status, stderr } = spawnSync('npm', [...command.split(' '), ...offline], {
    cwd: project,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    // Built already: here it is about npm, and cargo would take minutes.
    env: { ...process.env, HOGWIRE_NODE_LIBRARY: path.join(FOLDER, 'hogwire.node') },
  });
  assert.equal(status, 0, stderr);
  const { stdout } = spawnSync(process.execPath, ['-p', "require('hogwire').version"], { cwd: project, encoding: 'utf8' });
  assert.equal(stdout, `${hogwire.version}\n`);
  assert.ok(!fs.existsSync(path.join(copy, 'node_modules')));
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

for (const [name, project] of [['typescript', 'tsconfig.json'], ['typescript-oldest', 'tsconfig.oldest.json']]) {
  test(`strict TypeScript accepts files that use everything: ${name}`, { skip: !fs.existsSync(path.join(FOLDER, 'node_modules', name)) && 'npm ci has not been run' }, () => {
    const { version } = require(`${name}/package.json`);
    const compiler = path.join(FOLDER, 'node_modules', name, 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', path.join(__dirname, 'types', project)], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    if (name.endsWith('oldest')) for (const page of ['README.md', 'index.d.ts']) {
      assert.ok(fs.readFileSync(path.join(FOLDER, page), 'utf8').includes(`TypeScript ${version.split('.', 2).join('.')} or newer`), `${page} says so`);
    }
  });
}

test('import and require each have types of their own kind', () => {
  const { exports: { './package.json': _, ...faces }, files } = require('../package.json');
  for (const { types, default: code } of Object.values(faces).flatMap((face) => [face.import, face.require])) {
    assert.equal(types, code.replace(/\.(m?js)$/, (_, kind) => `.d.${kind.replace('js', 'ts')}`));
    assert.ok(files.includes(path.basename(types)) && files.includes(path.basename(code)), types);
  }
});
