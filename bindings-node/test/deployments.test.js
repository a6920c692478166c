'use strict';
/** The guide's programs where they live: a server that is stopped, a function that is frozen, scripts that end by force. */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const readline = require('node:readline');
const { test } = require('node:test');
const { program, userFolder } = require('./support/pages.js');
const { useReceiver } = require('./support/receiver.js');
const { until } = require('./support/until.js');

const receiver = useReceiver();
/** A server that does not stop is a failure, not a wait. */
const DEADLINE = { timeout: 120_000 };

/** A queue that sends nothing by itself: only what the end delivers arrives. */
function waitsAnHour(code) {
  assert.match(code, /\.queue\(\)/);
  return code.replaceAll('.queue()', '.queue({ flushIntervalMs: 3_600_000, flushAt: 100_000 })');
}

/** Starts a program of the guide; `lines` are what it prints. */
function start(context, name, { change = (code) => code, main = name } = {}) {
  const folder = userFolder(context);
  fs.writeFileSync(path.join(folder, name), change(program(name)));
  if (main !== name) fs.writeFileSync(path.join(folder, 'main.js'), main);
  const child = spawn(process.execPath, [main === name ? name : 'main.js'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PORT: '0', POSTHOG_API_KEY: 'phc_x', POSTHOG_HOST: receiver.url },
  });
  context.after(() => child.kill('SIGKILL'));
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => (await lines.next()).value };
}

async function storedUuids() {
  const uuids = (await receiver.stored()).map(({ data }) => data.uuid);
  assert.equal(new Set(uuids).size, uuids.length);
  return new Set(uuids);
}

function ask(port, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, path: '/orders/7', agent }, (response) => {
      let text = '';
      response.on('data', (piece) => { text += piece; });
      response.on('end', () => (response.complete ? resolve(JSON.parse(text)) : reject(new Error('cut off'))));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** A server whose answers take a while, as with a database behind it: requests are always under way. */
function slow(code) {
  const handler = 'async (request, response) => {\n  await new Promise((go) => setTimeout(go, 20));';
  return waitsAnHour(code).replace("'/orders/:number', (request, response) => {", `'/orders/:number', ${handler}`);
}

for (const [how, change] of [['as it stands', (code) => code], ['all at the end', waitsAnHour], ['slow answers', slow]]) {
  for (const keepAlive of [true, false]) {
    test(`an Express server stopped under load, ${how}${keepAlive ? ', keep-alive' : ''}`, DEADLINE, async (context) => {
      const { child, line } = start(context, 'server.js', { change });
      const port = Number(await line());
      const agent = new http.Agent({ keepAlive });
      const answered = [];
      const clients = Array.from({ length: 16 }, async () => {
        for (;;) {
          try {
            answered.push(await ask(port, agent));
          } catch {
            return; // It listens no more.
          }
        }
      });
      await until(() => answered.length >= 1_000, 60_000);
      const before = answered.length;
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      await Promise.all(clients);
      agent.destroy();
      const stored = await storedUuids();
      assert.deepEqual(answered.filter((uuid) => !stored.has(uuid)), []);
      assert.ok(answered.length >= before);
    });
  }
}

test('an Express server answers and stores a request that is under way when it is stopped', DEADLINE, async (context) => {
  // The handler waits until the signal has come, so that the answer is given after it.
  const handler = `async (request, response) => {
  console.log('asked');
  await new Promise((go) => process.once('SIGTERM', () => setImmediate(go)));`;
  const change = (code) => waitsAnHour(code).replace("'/orders/:number', (request, response) => {", `'/orders/:number', ${handler}`);
  const { child, line } = start(context, 'server.js', { change });
  const answer = ask(Number(await line()));
  assert.equal(await line(), 'asked');
  child.kill('SIGTERM');
  const uuid = await answer;
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.deepEqual(await storedUuids(), new Set([uuid]));
});

test('a function that is frozen when it returns, and thawed', DEADLINE, async (context) => {
  const main = `
    const { handler } = require('./handler.js');
    console.log('ready');
    require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => console.log(JSON.stringify(await handler(JSON.parse(line)))));`;
  const { child, line } = start(context, 'handler.js', { change: waitsAnHour, main });
  assert.equal(await line(), 'ready');
  for (let invocation = 1; invocation <= 3; invocation += 1) {
    // Its connection dies while it is frozen.
    await receiver.script({ close: true, silent: true });
    child.stdin.write(`${JSON.stringify({ user: 'user-1', orders: [invocation, -invocation] })}\n`);
    assert.deepEqual(JSON.parse(await line()), { delivered: 2, pending: 0, error: '' });
    child.kill('SIGSTOP');
    assert.equal((await storedUuids()).size, 2 * invocation);
    child.kill('SIGCONT');
  }
});

test('worker threads deliver what is left when they end', DEADLINE, async (context) => {
  const { child, line } = start(context, 'worker.js', { change: waitsAnHour });
  assert.deepEqual([await line(), await line(), await line()], ['50', '50', '50']);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal((await storedUuids()).size, 150);
});
