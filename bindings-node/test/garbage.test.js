'use strict';
/** Owners that nobody uses any more: what they gave to hogwire refers to them, and they are collected all the same, once nothing is owed to them. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { run: runProgram } = require('./support/program.js');
const { useReceiver } = require('./support/receiver.js');

const receiver = useReceiver();

/** What the programs have: each owner's functions refer to it, and to its client and queue. */
const OWNERS = `
  const COUNT = 10;
  const told = [];
  let alive = 0;
  // Not a WeakRef: looking at one keeps what it refers to for a while.
  const registry = new FinalizationRegistry(() => { alive -= 1; });
  class Owner {
    constructor(options, queueOptions) {
      this.client = new Client('phc_x', options(this));
      this.queue = queueOptions && this.client.queue(queueOptions(this));
      alive += 1;
      registry.register(this, undefined);
    }
    push() {
      return this.queue.createEvent({ distinctId: 'u', eventName: 'e' });
    }
    send() {
      return this.client.createEvent({ distinctId: 'u', eventName: 'e' });
    }
    async close() {
      await this.queue?.close();
      await this.client.close();
    }
  }
  const hooks = (more) => (owner) => ({
    onDelivered: (uuids) => told.push([owner.queue.stats().events_delivered_total, ...uuids]),
    onDrop: ({ reason }) => told.push([owner.queue.stats().events_pushed_total, reason]),
    ...more,
  });
  const transport = (owner) => ({
    transport: async ({ body }) => {
      // Its answer takes a while, and a garbage collection or two.
      await collect(3);
      told.push([owner.client !== undefined, JSON.parse(body).batch?.length ?? 1]);
      return { status: 200, body: '{"status":1}' };
    },
  });
  const state = () => \`\${alive} alive, told \${JSON.stringify(told)}\`;
  /** Uses owners in a function of its own, so that none is left on the stack. */
  const each = (use) => Promise.all(Array.from({ length: COUNT }, async () => { await use(); }));
`;

/** Runs a program with the owners above in a process of its own, which is to end by itself, and with success. */
async function run(program) {
  const script = `${OWNERS} const server = () => ({ host: ${JSON.stringify(receiver.url)} }); (async () => { ${program} })();`;
  const { stdout, stderr } = await runProgram(script);
  assert.equal(stderr, '');
  return stdout.trim();
}

test('the owner of a closed queue is collected, also when it pushes once more', async () => {
  const told = await run(`
    await each(async () => {
      const owner = new Owner(server, hooks());
      owner.push();
      await owner.close();
      owner.push();
    });
    await until(() => alive === 0, state);
    console.log(told.length);`);
  assert.equal(told, '10');
});

test('the owner of a queue that was closed synchronously is collected', async () => {
  const told = await run(`
    await each(() => {
      const owner = new Owner(server, hooks());
      owner.push();
      owner.queue.closeSync();
      owner.push();
    });
    await until(() => alive === 0, state);
    console.log(told.length);`);
  assert.equal(told, '10');
});

test('the owner of a queue thrown away unused is collected', async () => {
  await run('await each(() => new Owner(server, hooks())); await until(() => alive === 0, state);');
});

test('the owner of a queue thrown away unclosed lives until its hooks were told', async () => {
  const told = await run(`
    await each(() => new Owner(server, hooks({ flushIntervalMs: 300 })).push());
    await until(() => alive === 0, state);
    console.log(JSON.stringify(told.map(([delivered, ...uuids]) => [delivered, uuids.length])));`);
  assert.deepEqual(JSON.parse(told), Array(10).fill([1, 1]));
  assert.equal((await receiver.stored()).length, 10);
});

test('a queue that was idle holds its hooks again from the next push on', async () => {
  const told = await run(`
    let owner = new Owner(server, hooks({ flushIntervalMs: 50 }));
    owner.push();
    await until(() => told.length === 1, state);
    await collect(10);
    owner.push();
    owner = undefined;
    await until(() => alive === 0, state);
    console.log(told.length);`);
  assert.equal(told, '2');
});

test('a hook is told of what the queue refused, by an owner that was thrown away at once', async () => {
  const told = await run(`
    const drops = (owner) => ({ ...server(), beforeSend: () => void owner.queue });
    await each(() => new Owner(drops, hooks()).push());
    await until(() => alive === 0, state);
    console.log(JSON.stringify(told));`);
  assert.deepEqual(JSON.parse(told), Array(10).fill([1, 'before_send']));
});

test('the end of the program delivers what owners thrown away have pushed, and tells their hooks', async () => {
  const told = await run(`
    process.on('exit', () => console.log(told.length));
    await each(() => new Owner(server, hooks({ flushIntervalMs: 3_600_000 })).push());
    await collect(10);`);
  assert.equal(told, '10');
  assert.equal((await receiver.stored()).length, 10);
});

test('the owner of a client with a transport of its own is collected, closed or thrown away', async () => {
  await run(`
    await each(async () => {
      await new Owner(transport).send();
      const owner = new Owner(transport);
      await owner.send();
      await owner.close();
      new Owner(transport);
    });
    await until(() => alive === 0, state);`);
});

test('a call is answered through the transport of an owner that was thrown away', async () => {
  const told = await run(`
    const outcomes = [];
    await each(() => { new Owner(transport).send().then(({ ok }) => outcomes.push(ok)); });
    await until(() => alive === 0, state);
    console.log(JSON.stringify([outcomes, told.length]));`);
  assert.deepEqual(JSON.parse(told), [Array(10).fill(true), 10]);
});

test('a queue delivers through the transport of an owner that was thrown away', async () => {
  const told = await run(`
    await each(() => new Owner(transport, () => ({ flushIntervalMs: 100 })).push());
    await until(() => alive === 0, state);
    console.log(JSON.stringify(told));`);
  assert.deepEqual(JSON.parse(told), Array(10).fill([true, 1]));
});

test('a queue closes through the transport, and tells the hooks, of an owner that was thrown away', async () => {
  const told = await run(`
    const reports = [];
    await each(() => {
      const owner = new Owner(transport, hooks({ flushIntervalMs: 3_600_000 }));
      owner.push();
      owner.queue.close().then(({ delivered }) => reports.push(delivered));
    });
    await until(() => alive === 0, state);
    console.log(JSON.stringify([reports, told.length]));`);
  assert.deepEqual(JSON.parse(told), [Array(10).fill(1), 20]);
});

test('a queue that outlives its client delivers through the transport, also when it is closed for want of a holder', async () => {
  const told = await run(`
    const delivered = [];
    const carry = () => ({ transport: async () => { await collect(3); delivered.push(1); return { status: 200, body: '{"status":1}' }; } });
    await each(() => new Owner(carry, () => ({ flushIntervalMs: 3_600_000 })).push());
    await until(() => delivered.length === 10 && alive === 0, state);
    console.log(delivered.length);`);
  assert.equal(told, '10');
});

test('the owner of a client and a queue with beforeSend is collected', async () => {
  const told = await run(`
    const seen = [];
    const sees = (owner) => ({ ...server(), beforeSend: (event) => { seen.push(owner.client !== undefined); return event; } });
    await each(async () => {
      await new Owner(sees).send();
      const owner = new Owner(sees, () => ({ flushIntervalMs: 3_600_000 }));
      await owner.send();
      owner.push();
    });
    await until(() => alive === 0, state);
    console.log(seen.length);`);
  assert.equal(told, '30');
  assert.equal((await receiver.stored()).length, 30);
});

test('an owner that is the AsyncLocalStorage’s store where its client and queue are made is collected', async () => {
  await run(`
    const storage = new (require('node:async_hooks').AsyncLocalStorage)();
    const inside = (...options) => {
      const store = {};
      return storage.run(store, () => (store.owner = new Owner(...options)));
    };
    await each(async () => {
      inside(transport);
      inside(server, hooks());
      inside(server, hooks({ flushIntervalMs: 50 })).push();
      await inside(transport, hooks()).close();
    });
    await until(() => alive === 0, state);`);
});
