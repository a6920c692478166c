'use strict';
/**
 * Makes the tarballs to publish, in `target/packages`.
 *
 *   node scripts/package.js main                  the package `hogwire`: everything but an addon
 *   node scripts/package.js platform [PLATFORM]   the package `@hogwire/PLATFORM`, this platform's unless one is named: the addon, which is
 *                                                 the library that HOGWIRE_NODE_LIBRARY names
 *
 * What is published has no scripts: its users have neither the sources nor, by npm's default, the permission to run any.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { PLATFORMS, currentPlatform, packageOf } = require('../lib/platform.js');

const folder = path.join(__dirname, '..');
const target = path.resolve(folder, '..', process.env.CARGO_TARGET_DIR ?? 'target', 'packages');
const { scripts: _, devDependencies: __, ...main } = require('../package.json');

function mainPackage() {
  const optionalDependencies = Object.fromEntries(Object.keys(PLATFORMS).map((platform) => [packageOf(platform), main.version]));
  return { manifest: { ...main, optionalDependencies }, fill: (stage) => main.files.forEach((name) => copy(path.join(folder, name), path.join(stage, name))) };
}

/** @param {string} platform */
function platformPackage(platform) {
  if (!(platform in PLATFORMS)) throw new Error(`no package is made for ${platform}; known: ${Object.keys(PLATFORMS).join(', ')}`);
  const { os, cpu, libc } = PLATFORMS[platform];
  const { version, license, keywords, engines } = main;
  const manifest = {
    name: packageOf(platform),
    version,
    description: `The native addon of the package hogwire for ${platform}`,
    license,
    keywords,
    main: 'hogwire.node',
    files: ['hogwire.node', 'LICENSE-THIRD-PARTY.txt'],
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    engines,
  };
  const library = process.env.HOGWIRE_NODE_LIBRARY;
  if (!library) throw new Error('HOGWIRE_NODE_LIBRARY has to name the library to be packed');
  const readme = `# ${manifest.name}\n\n${manifest.description}. Install \`hogwire\`; npm chooses this one by itself.\n`;
  const fill = (stage) => {
    copy(library, path.join(stage, 'hogwire.node'));
    copy(path.join(target, '..', 'LICENSE-THIRD-PARTY.txt'), path.join(stage, 'LICENSE-THIRD-PARTY.txt'));
    fs.writeFileSync(path.join(stage, 'README.md'), readme);
  };
  return { manifest, fill };
}

const copy = (from, to) => fs.cpSync(from, to, { recursive: true });

function pack({ manifest, fill }) {
  const stage = path.join(target, 'npm', manifest.name);
  fs.rmSync(stage, { recursive: true, force: true });
  fs.mkdirSync(stage, { recursive: true });
  fill(stage);
  copy(path.join(folder, '..', 'LICENSE'), path.join(stage, 'LICENSE'));
  fs.writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const { status, error } = spawnSync('npm', ['pack', '--silent', '--pack-destination', target], {
    cwd: stage,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  process.exitCode = status;
}

const [kind, platform = currentPlatform()] = process.argv.slice(2);
if (kind === 'main') pack(mainPackage());
else if (kind === 'platform') pack(platformPackage(platform));
else throw new Error('node scripts/package.js main | platform [PLATFORM]');
