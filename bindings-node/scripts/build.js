'use strict';
/**
 * Makes hogwire.node: builds the crate with cargo and copies the library here.
 *
 *   node scripts/build.js [--debug]
 *
 * HOGWIRE_NODE_LIBRARY names a library that is built already; then cargo is not needed.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..');

/** The library cargo says it made. */
function build() {
  const profile = process.argv.includes('--debug') ? [] : ['--release'];
  const cargo = spawnSync(
    'cargo',
    ['build', '--locked', '--package', 'hogwire-node', '--message-format', 'json-render-diagnostics', ...profile],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (cargo.error) throw new Error(`cargo cannot be started (${cargo.error.message}); install Rust from its official site`);
  if (cargo.status !== 0) throw new Error(`cargo ended with status ${cargo.status}`);
  const libraries = cargo.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'hogwire_node')
    .flatMap((message) => message.filenames)
    .filter((file) => /\.(so|dylib|dll)$/.test(file));
  if (libraries.length !== 1) throw new Error(`cargo made ${libraries.length} libraries, not one`);
  return libraries[0];
}

const library = process.env.HOGWIRE_NODE_LIBRARY || build();
const addon = path.join(folder, 'hogwire.node');
// By another name first: a process that has the old addon loaded keeps its file.
const fresh = `${addon}.${process.pid}`;
fs.copyFileSync(library, fresh);
fs.renameSync(fresh, addon);
