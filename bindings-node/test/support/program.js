'use strict';
/** Programs: what runs in a process of its own, because it is about how one ends, or about what the garbage collector finds in it. */

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

/** The package, as text for a program's `require`. */
const PACKAGE = JSON.stringify(require.resolve('../..'));

/** What every program has. */
const BEGINNING = `
  const { Client } = require(${PACKAGE});
  /** Has the garbage collector run, and then whoever waits for it. */
  async function collect(times) {
    for (; times > 0; times -= 1) {
      globalThis.gc();
      await new Promise(setImmediate);
    }
  }
  /** Collects until it is so; else fails, and says how things are. */
  async function until(isSo, describe = () => '') {
    const deadline = Date.now() + 20_000;
    while (!isSo() && Date.now() < deadline) await collect(1);
    if (!isSo()) throw new Error(\`it did not come to be so: \${isSo} \${describe()}\`);
  }
`;

/** Runs a program; fails when it does not end by itself, and with success. */
function run(program) {
  return promisify(execFile)(process.execPath, ['--expose-gc', '-e', `${BEGINNING}${program}`], { timeout: 60_000 });
}

module.exports = { PACKAGE, run };
