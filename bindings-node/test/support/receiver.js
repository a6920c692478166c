'use strict';
/**
 * A receiver: the embedded PostHog-like server of `tests/receiver`, one process per test file.
 *
 * HOGWIRE_RECEIVER names its program; by default the one cargo has built.
 */

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');
const { after, before, beforeEach } = require('node:test');

const ROOT = path.join(__dirname, '..', '..', '..');
const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
const PROGRAM = process.env.HOGWIRE_RECEIVER ?? path.join(TARGET, 'debug', 'hogwire-receiver');

class Receiver {
  async start(...options) {
    this.process = spawn(PROGRAM, ['--until-stdin-closes', ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = readline.createInterface({ input: this.process.stdout });
    const [line] = await once(lines, 'line');
    this.url = JSON.parse(line).url;
  }

  async stop() {
    this.process.stdin.end();
    await once(this.process, 'exit');
  }

  /** What the next requests get, one step each. */
  async script(...steps) {
    await this.ask('script', { method: 'POST', body: JSON.stringify(steps) });
  }

  async reset() {
    await this.ask('reset', { method: 'POST' });
  }

  stored() {
    return this.ask('stored');
  }

  requests() {
    return this.ask('requests');
  }

  stats() {
    return this.ask('stats');
  }

  async ask(page, init) {
    const response = await fetch(`${this.url}/_receiver/${page}`, init);
    if (!response.ok) throw new Error(`${page}: ${await response.text()}`);
    return response.json();
  }
}

/** A receiver for one test; it ends with it, however that ends. */
async function startReceiver(context, ...options) {
  const receiver = new Receiver();
  await receiver.start(...options);
  context.after(() => receiver.stop());
  return receiver;
}

/** A receiver for all tests of a file, empty before each. */
function useReceiver(...options) {
  const receiver = new Receiver();
  before(() => receiver.start(...options));
  beforeEach(() => receiver.reset());
  after(() => receiver.stop());
  return receiver;
}

module.exports = { startReceiver, useReceiver, TARGET };
