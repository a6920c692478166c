'use strict';
/** Processes and threads: what keeps them alive, and how they end with calls pending. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { Client } = require('..');
const { PACKAGE, run: runProgram } = require('./support/program.js');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();

/** Runs a program that knows the receiver, and gives what it wrote. */
async function run(program) {
  const { stdout } = await runProgram(`const host = ${JSON.stringify(receiver.url)}; ${program}`);
  return stdout.trim();
}

const CALL = "client.createEvent({ distinctId: 'u-1', eventName: 'e' })";

test('an idle client does not keep the process alive, open or not used at all', async () => {
  assert.equal(await run("new Client('phc_x', { host }); console.log('end');"), 'end');
  assert.equal(await run(`const client = new Client('phc_x', { host }); ${CALL}.then((o) => console.log(o.statusCode));`), '200');
  assert.equal(await run("new Client('phc_x', { transport: () => {}, beforeSend: () => {} }); console.log('end');"), 'end');
});

test('a pending call keeps the process alive, again and again', async () => {
  await receiver.script({ delay_ms: 100 }, { delay_ms: 100 });
  const program = `const client = new Client('phc_x', { host });
    ${CALL}.then((o) => { console.log(o.statusCode); setImmediate(() => ${CALL}.then((o) => console.log(o.statusCode))); });`;
  assert.equal(await run(program), '200\n200');
});

test('a transport that settles late keeps nothing alive after the time-out', async () => {
  const program = `const client = new Client('phc_x', { timeoutMs: 50, transport: () => new Promise(() => {}) });
    ${CALL}.then((o) => console.log(o.errorCode));`;
  assert.equal(await run(program), 'timeout');
});

test('process.exit with calls pending is clean', async () => {
  await receiver.script(...Array.from({ length: 20 }, () => ({ delay_ms: 2_000 })));
  const program = `const client = new Client('phc_x', { host });
    for (let i = 0; i < 50; i += 1) ${CALL}; console.log('end'); setTimeout(() => process.exit(0), 50);`;
  assert.equal(await run(program), 'end');
});

test('an uncaught exception with calls pending ends the process as usual', async () => {
  await receiver.script({ delay_ms: 2_000 });
  await assert.rejects(run(`const client = new Client('phc_x', { host }); ${CALL}; throw new Error('mine');`), (error) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr, /mine/);
    return true;
  });
});

const IN_WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Client } = require(${PACKAGE});
  const client = new Client('phc_x', { host: workerData.host, beforeSend: (event) => event });
  const call = () => client.createEvent({ distinctId: 'u-' + workerData.index, eventName: 'e' });
`;

test('worker threads have clients of their own', async () => {
  const workers = [0, 1, 2, 3].map((index) => {
    const program = `${IN_WORKER} Promise.all(Array.from({ length: 20 }, call)).then((all) => parentPort.postMessage(all.filter((o) => o.ok).length));`;
    return new Worker(program, { eval: true, workerData: { index, host: receiver.url } });
  });
  const counts = await Promise.all(workers.map(async (worker) => {
    const exited = once(worker, 'exit');
    const [count] = await once(worker, 'message');
    assert.deepEqual(await exited, [0], 'a worker ends by itself');
    return count;
  }));
  assert.deepEqual(counts, [20, 20, 20, 20]);
  assert.equal((await receiver.stored()).length, 80);
});

test('a worker that is terminated with calls pending leaves the process well', async () => {
  await receiver.script(...Array.from({ length: 200 }, () => ({ delay_ms: 300 })));
  for (let round = 0; round < 5; round += 1) {
    const program = `${IN_WORKER} for (let i = 0; i < 40; i += 1) call(); parentPort.postMessage('pending');`;
    const worker = new Worker(program, { eval: true, workerData: { index: round, host: receiver.url } });
    await once(worker, 'message');
    await worker.terminate();
  }
  await receiver.reset();
  const client = new Client('phc_x', { host: receiver.url });
  assert.ok((await client.createEvent({ distinctId: 'u-1', eventName: 'e' })).ok);
  await client.close();
});

test('a worker that is terminated inside its transport leaves the process well', async () => {
  const program = `${IN_WORKER}
    const stuck = new Client('phc_x', { transport: () => { parentPort.postMessage('inside'); return new Promise(() => {}); } });
    stuck.createEvent({ distinctId: 'u-1', eventName: 'e' });`;
  const worker = new Worker(program, { eval: true, workerData: { index: 0, host: receiver.url } });
  await once(worker, 'message');
  await worker.terminate();
});

/** Ends while requests are handed to its transport; the more there is to clean up, the more of them come when no event loop takes them. */
const ENDING_WORKER = `
  const { Client } = require(${PACKAGE});
  const make = () => new Client('phc_x', { timeoutMs: 86_400_000, transport: () => {} });
  const client = make();
  const others = Array.from({ length: 50 }, make);
  for (let i = 0; i < 30; i += 1) client.createEvent({ distinctId: 'u-1', eventName: 'e' });
  process.exit();
`;

test('workers that end while requests wait for their transport leave no threads behind', { skip: process.platform !== 'linux' }, async () => {
  const program = `
    const fs = require('node:fs');
    const { once } = require('node:events');
    const { Worker } = require('node:worker_threads');
    const nameOf = (thread) => { try { return fs.readFileSync('/proc/self/task/' + thread + '/comm', 'utf8'); } catch { return ''; } };
    const threads = () => fs.readdirSync('/proc/self/task').filter((thread) => nameOf(thread).startsWith('hogwire')).length;
    const worker = () => once(new Worker(${JSON.stringify(ENDING_WORKER)}, { eval: true }), 'exit');
    Promise.all(Array.from({ length: 20 }, worker)).then(() => until(() => threads() === 0, () => threads() + ' threads'));`;
  await run(program);
});

test('clients that nobody uses any more are collected, with their threads', async () => {
  const program = `
    const collected = new Set();
    const registry = new FinalizationRegistry((index) => collected.add(index));
    (async () => {
      for (let index = 0; index < 20; index += 1) {
        const client = new Client('phc_x', { host, beforeSend: (event) => event });
        registry.register(client, index);
        await ${CALL};
      }
      await until(() => collected.size >= 19);
    })();`;
  await run(program);
});

test('fromEnv reads the environment its worker has', async () => {
  const program = `
    const { parentPort } = require('node:worker_threads');
    const { Client } = require(${PACKAGE});
    const client = Client.fromEnv({ transport: ({ body }) => {
      parentPort.postMessage(JSON.parse(body).api_key);
      return { status: 200, body: '{"status":1}' };
    } });
    client.createEvent({ distinctId: 'u', eventName: 'e' }).then(({ errorCode }) => parentPort.postMessage(errorCode));`;
  const told = async (env) => {
    const seen = [];
    const worker = new Worker(program, { eval: true, env });
    worker.on('message', (message) => seen.push(message));
    await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
    return seen;
  };
  const { POSTHOG_API_KEY: before } = process.env;
  process.env.POSTHOG_API_KEY = 'phc_of_the_process';
  try {
    assert.deepEqual(await told({ POSTHOG_API_KEY: 'phc_of_the_worker' }), ['phc_of_the_worker', 'ok']);
    assert.deepEqual(await told({}), ['disabled']);
  } finally {
    if (before === undefined) delete process.env.POSTHOG_API_KEY;
    else process.env.POSTHOG_API_KEY = before;
  }
});
