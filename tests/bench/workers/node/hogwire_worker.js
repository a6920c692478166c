'use strict';
/** The worker for hogwire in Node: does the run its arguments describe, prints one line of figures. */

const { Client } = require('hogwire');
const measure = require('./measure.js');

async function main() {
  const run = measure.argumentsOf();
  const client = new Client('phc_hogwire_benchmark', {
    host: run.host,
    protocol: run.protocol ?? 'v0',
    nestedProperties: true,
  });
  const properties = measure.payload(run.payload);
  const event = (number) => ({ distinctId: 'user-12345', eventName: 'benchmark event', properties: properties(number) });
  if (run.mode === 'direct') {
    measure.print(run, await measure.calls(run, async (number) => (await client.createEvent(event(number))).ok));
    return client.close();
  }
  const options = {};
  if (run.compression) options.compression = run.compression;
  if (run.queue_events) Object.assign(options, { maxQueueEvents: Number(run.queue_events), maxQueueBytes: 16 * 2 ** 30 });
  const queue = client.queue(options);
  const push = (number) => queue.createEvent(event(number)).queued;
  measure.print(run, await measure.queued(run, push, () => queue.close({ timeoutMs: 300_000 })));
  return client.close();
}

main();
