'use strict';
/** The worker for hogwire in Node: does the run its arguments describe, prints one line of figures. */

const { isMainThread, workerData } = require('node:worker_threads');
const { Client } = require('hogwire');
const measure = require('./measure.js');

/** Pushes enough for the compiler to have seen everything. */
const WARM_UP = 5_000;

async function main() {
  const run = isMainThread ? measure.argumentsOf() : workerData.run;
  if (isMainThread && run.threads) return measure.print(run, await measure.queuedByWorkers(run, __filename));
  const client = new Client('phc_hogwire_benchmark', {
    host: run.host,
    protocol: run.protocol ?? 'v0',
    nestedProperties: true,
  });
  const properties = measure.payload(run.payload);
  const event = (number) => ({ distinctId: 'user-12345', eventName: 'benchmark event', properties: properties(number) });
  if (run.mode === 'made') {
    measure.print(run, await measure.queued(run, (number) => event(number).properties !== undefined));
    return client.close();
  }
  if (run.mode === 'direct') {
    measure.print(run, await measure.calls(run, async (number) => (await client.createEvent(event(number))).ok));
    return client.close();
  }
  const options = {};
  if (run.compression) options.compression = run.compression;
  if (run.queue_events) Object.assign(options, { maxQueueEvents: Number(run.queue_events), maxQueueBytes: 16 * 2 ** 30 });
  const queue = client.queue(options);
  const push = (number) => queue.createEvent(event(number)).queued;
  if (!isMainThread) {
    const idle = new Client('phc_x', { transport: async () => ({ status: 200, body: '{"status":"Ok"}' }), nestedProperties: true });
    const unsent = idle.queue();
    for (let number = 0; number < WARM_UP; number += 1) unsent.createEvent(event(number));
    await unsent.close();
    await measure.share(push, () => queue.close({ timeoutMs: 300_000 }));
    await idle.close();
    return client.close();
  }
  const longest = { timeoutMs: 300_000 };
  measure.print(run, await measure.queued(run, push, () => queue.close(longest), () => queue.flush(longest)));
  return client.close();
}

main();
