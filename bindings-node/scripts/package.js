'use strict';
/**
 * Makes the tarball to publish, in `target/npm`: the package's files and the addon, without the sources and without `prepare`, which a
 * user of the tarball could not run. Build first; `--debug` is not checked for.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..');
const target = path.resolve(folder, '..', process.env.CARGO_TARGET_DIR ?? 'target', 'npm');
const stage = path.join(target, 'package');

const { scripts: _, devDependencies: __, ...published } = require('../package.json');

fs.rmSync(target, { recursive: true, force: true });
fs.mkdirSync(stage, { recursive: true });
for (const name of published.files) fs.cpSync(path.join(folder, name), path.join(stage, name), { recursive: true });
fs.copyFileSync(path.join(folder, '..', 'LICENSE'), path.join(stage, 'LICENSE'));
fs.writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);

const { status, error } = spawnSync('npm', ['pack', '--pack-destination', target], { cwd: stage, stdio: 'inherit', shell: process.platform === 'win32' });
if (error) throw error;
process.exitCode = status;
