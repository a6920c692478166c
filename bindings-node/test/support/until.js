'use strict';
/** Waiting for a condition, with a deadline. */

const { setTimeout: sleep } = require('node:timers/promises');

async function until(isSo, patienceMs = 20_000) {
  const deadline = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it did not come to be so: ${isSo}`);
    await sleep(5);
  }
}

module.exports = { until };
