'use strict';
/** The code blocks of the documentation's pages, and a folder where they are a user's programs. */

const fs = require('node:fs');
const path = require('node:path');

const { TARGET } = require('./receiver.js');

const ROOT = path.join(__dirname, '..', '..', '..');

/** The JavaScript blocks of a page. */
function fenced(page) {
  return [...fs.readFileSync(path.join(ROOT, page), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block);
}

/** `{ page, block }` for every JavaScript block of every page, but for those that `tests/pages.json` says run elsewhere. */
function blocks() {
  const { pages, stories, exceptions } = JSON.parse(fs.readFileSync(path.join(ROOT, 'tests', 'pages.json'), 'utf8'));
  const elsewhere = new Set([...stories, ...exceptions].map(({ page, starts }) => `${page}\n${starts}`));
  return pages
    .flatMap((page) => fenced(page).map((block) => ({ page, block })))
    .filter(({ page, block }) => !elsewhere.has(`${page}\n${block.split('\n', 1)[0]}`));
}

/** The guide's block that begins with this file name. */
function program(name) {
  const found = fenced('bindings-node/README.md').filter((block) => block.startsWith(`// ${name}\n`));
  if (found.length !== 1) throw new Error(`the guide has ${found.length} programs named ${name}`);
  return found[0];
}

/** A new folder in which `hogwire` and `express` are installed; it goes with the test. */
function userFolder(context) {
  const folder = fs.mkdtempSync(path.join(TARGET, 'pages-'));
  context.after(() => fs.rmSync(folder, { recursive: true }));
  const installed = path.join(folder, 'node_modules');
  fs.mkdirSync(installed);
  fs.symlinkSync(path.join(ROOT, 'bindings-node'), path.join(installed, 'hogwire'), 'dir');
  fs.symlinkSync(path.join(ROOT, 'bindings-node', 'node_modules', 'express'), path.join(installed, 'express'), 'dir');
  return folder;
}

module.exports = { blocks, program, userFolder };
