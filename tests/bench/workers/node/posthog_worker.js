'use strict';
/** The worker for the official client in Node: does the run its arguments describe, prints one line of figures. */

const { PostHog } = require('posthog-node');
const measure = require('./measure.js');

const run = measure.argumentsOf();

async function main() {
  const options = { host: run.host };
  if (run.compression) options.disableCompression = run.compression !== 'gzip';
  if (run.queue_events) {
    const batch = Number(run.batch_events);
    Object.assign(options, { maxQueueSize: Number(run.queue_events), maxBatchSize: batch, flushAt: batch });
  }
  const client = new PostHog('phc_hogwire_benchmark', options);
  const properties = measure.payload(run.payload);
  const event = (number) => ({ distinctId: 'user-12345', event: 'benchmark event', properties: properties(number) });
  if (run.mode === 'direct') {
    const call = async (number) => {
      await client.captureImmediate(event(number));
      return true;
    };
    measure.print(run, await measure.calls(run, call));
    return client.shutdown();
  }
  const push = (number) => {
    client.capture(event(number));
    return true;
  };
  measure.print(run, await measure.queued(run, push, () => client.shutdown(300_000)));
  return undefined;
}

main();
