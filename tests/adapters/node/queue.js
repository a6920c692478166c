'use strict';
/**
 * `do: queue`: the steps of a line through one queue, and what its hooks were told meanwhile.
 */

const { setTimeout: sleep } = require('node:timers/promises');

/** How long a `wait` may take, and how long the hooks. */
const WAIT_MS = 10_000;
const HOOKS_MS = 2_000;

/** Looks every few milliseconds; whether it came to be so in time. */
async function until(patienceMs, isSo) {
  const deadline = Date.now() + patienceMs;
  while (!isSo()) {
    if (Date.now() > deadline) return false;
    await sleep(3);
  }
  return true;
}

async function queue({ steps, raising, before = [] }, client, options) {
  const told = { on_drop: [], on_error: [], on_delivered: [] };
  const note = (hook, value) => {
    told[hook].push(value);
    if (raising) throw new Error('the hook raised');
  };
  for (const step of before) client[step === 'opt_out' ? 'optOut' : 'optIn']();
  const made = client.queue({
    ...options,
    onDrop: ({ uuid, reason, message }) => note('on_drop', { Uuid: uuid, Reason: reason, Message: message }),
    onError: (outcome) => note('on_error', outcome),
    onDelivered: (uuids, delivery) => note('on_delivered', { Uuids: uuids, Delivery: delivery }),
  });
  const take = {
    push: ({ operation, input }) => ({ receipt: made.execute(operation, input) }),
    flush: async (timeoutMs) => ({ report: await made.flush({ timeoutMs }) }),
    close: async (timeoutMs) => ({ report: await made.close({ timeoutMs }) }),
    wait: async (least) => ({
      waited: await until(WAIT_MS, () => Object.entries(least).every(([name, number]) => made.stats()[name] >= number)),
    }),
    opt_out: () => {
      client.optOut();
      return { opted: 'out' };
    },
    opt_in: () => {
      client.optIn();
      return { opted: 'in' };
    },
  };
  const entries = [];
  for (const step of steps) {
    const [[name, argument]] = Object.entries(step);
    entries.push(await take[name](argument));
  }
  await until(HOOKS_MS, () => areTold(made.stats(), told));
  await client.close();
  return { steps: entries, stats: made.stats(), ...told };
}

/** Whether the hooks were told of everything that was counted. */
function areTold(stats, { on_drop: drops, on_error: errors, on_delivered: delivered }) {
  const count = delivered.reduce((sum, { Uuids }) => sum + Uuids.length, 0);
  const dropped = Object.values(stats.events_dropped_total).reduce((sum, number) => sum + number, 0);
  return count >= stats.events_delivered_total && drops.length >= dropped && errors.length >= stats.requests_failed_total;
}

module.exports = { queue };
