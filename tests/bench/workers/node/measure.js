'use strict';
/** Arguments, payload, clocks and figures, the same for hogwire's worker and for posthog-node's. */

const fs = require('node:fs');
const { Worker, parentPort, workerData } = require('node:worker_threads');

/** So that every event has the same length. */
const FIRST_NUMBER = 10_000_000;

function argumentsOf() {
  return Object.fromEntries(
    process.argv.slice(2).map((argument) => {
      const at = argument.indexOf('=');
      return [argument.slice(0, at), argument.slice(at + 1)];
    }),
  );
}

/** A function that gives the properties of an event by its number, three of them new for each. */
function payload(file) {
  const base = JSON.parse(fs.readFileSync(file, 'utf8'));
  const [head, tail] = base.$current_url.split(String(FIRST_NUMBER));
  return (index) => {
    const number = FIRST_NUMBER + index;
    return { ...base, quantity: number, amount: number + 0.99, $current_url: `${head}${number}${tail}` };
  };
}

function memoryKb(name) {
  const line = fs.readFileSync('/proc/self/status', 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'));
  return line ? Number(line[1]) : 0;
}

function resetPeak() {
  try {
    fs.writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then the peak counts from the program's start.
  }
}

/** Processor time of the process, user and system, all threads. */
function processCpuNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** Processor time of the calling thread: Node 20 has no function for it, but the kernel does. */
function threadCpuNs() {
  return Number(fs.readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]);
}

function now() {
  return Number(process.hrtime.bigint());
}

function percentiles(times) {
  if (times.length === 0) return {};
  const sorted = Float64Array.from(times).sort();
  const at = (part) => sorted[Math.floor(sorted.length * part)];
  return { p50_ns: at(0.5), p99_ns: at(0.99), max_ns: sorted[sorted.length - 1] };
}

/** Pushes so many events from this number on; times of each push only where asked. */
function pushMany(first, count, push, timed) {
  const times = new Float64Array(timed ? count : 0);
  let refused = 0;
  for (let index = 0; index < count; index += 1) {
    const at = timed ? now() : 0;
    if (!push(first + index)) refused += 1;
    if (timed) times[index] = now() - at;
  }
  return { refused, times };
}

/**
 * Pushes `count` events and closes; `push(number)` says whether the event was taken. Before that, it does the same `before` times,
 * each with a flush at its end.
 */
async function queued(run, push, close, flush) {
  const count = Number(run.count);
  for (let round = 0; round < Number(run.before ?? 0); round += 1) {
    pushMany(0, count, push, false);
    await flush();
  }
  resetPeak();
  const idle = memoryKb('VmRSS');
  const cpu = processCpuNs();
  const start = now();
  const caller = threadCpuNs();
  const { refused, times } = pushMany(0, count, push, run.timed === '1');
  // A client that puts its work off to microtasks does it on the caller's thread all the same.
  await new Promise(setImmediate);
  const callerNs = threadCpuNs() - caller;
  const pushed = now() - start;
  if (run.mode === 'queued') await close();
  return {
    caller_ns: callerNs,
    pushed_wall_ns: pushed,
    wall_ns: now() - start,
    cpu_ns: processCpuNs() - cpu,
    refused,
    idle_kb: idle,
    peak_kb: memoryKb('VmHWM'),
    ...percentiles(times),
  };
}

/** Has as many workers as the run says push their shares at the same time; `file` is their program. */
async function queuedByWorkers(run, file) {
  const threads = Number(run.threads);
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from({ length: threads }, (_, number) => {
    return new Worker(file, { workerData: { run, number, share: Math.floor(Number(run.count) / threads), gate } });
  });
  const told = (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await Promise.all(workers.map(told));
  const cpu = processCpuNs();
  const answers = workers.map(told);
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  const shares = await Promise.all(answers);
  const sum = (name) => shares.reduce((total, share) => total + share[name], 0);
  return {
    caller_ns: sum('caller_ns'),
    pushed_wall_ns: Math.max(...shares.map(({ end }) => end)) - Math.min(...shares.map(({ start }) => start)),
    cpu_ns: processCpuNs() - cpu,
    refused: sum('refused'),
    ...percentiles(shares.flatMap(({ times }) => [...times])),
  };
}

/** In a worker: says that it is ready, waits for the others, pushes its share, closes, and tells. */
async function share(push, close) {
  const { number, share, gate } = workerData;
  parentPort.postMessage('ready');
  Atomics.wait(gate, 0, 0);
  const [start, caller] = [now(), threadCpuNs()];
  const done = { ...pushMany(number * share, share, push, true), caller_ns: threadCpuNs() - caller, start, end: now() };
  await close();
  parentPort.postMessage(done);
}

/** Makes `count` calls after some to warm up; `call(number)` resolves to whether it went well. */
async function calls(run, call) {
  const warmUp = Number(run.warm_up ?? 50);
  let [times, failed, cpu] = [[], 0, 0];
  for (let number = 0; number < warmUp + Number(run.count); number += 1) {
    if (number === warmUp) [times, cpu] = [[], processCpuNs()];
    const start = now();
    const ok = await call(number);
    times.push(now() - start);
    if (!ok) failed += 1;
  }
  return { cpu_ns: processCpuNs() - cpu, failed, ...percentiles(times) };
}

/** Prints the figures. A run that holds its events ends here: they have nowhere to go. */
function print(run, figures) {
  fs.writeSync(1, `${JSON.stringify(figures)}\n`);
  if (run.mode === 'held') process.kill(process.pid, 'SIGKILL');
}

module.exports = { argumentsOf, payload, queued, queuedByWorkers, share, calls, print, processCpuNs, threadCpuNs };
