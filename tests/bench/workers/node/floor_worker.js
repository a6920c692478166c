'use strict';
/** The floors in Node: making the properties, JSON.stringify, gzip at level 1, a bare socket POST. */

const fs = require('node:fs');
const net = require('node:net');
const zlib = require('node:zlib');
const measure = require('./measure.js');

const BATCH = 1_000;

function floor(run) {
  const properties = measure.payload(run.payload);
  const figures = { made_ns: 0, json_ns: 0, gzip_ns: 0 };
  const timed = (name, work) => {
    const start = measure.threadCpuNs();
    const result = work();
    figures[name] += measure.threadCpuNs() - start;
    return result;
  };
  const count = Number(run.count);
  const cpu = measure.processCpuNs();
  for (let first = 0; first < count; first += BATCH) {
    const length = Math.min(BATCH, count - first);
    const events = timed('made_ns', () => Array.from({ length }, (_, index) => properties(first + index)));
    const texts = timed('json_ns', () => events.map((event) => JSON.stringify(event)));
    const batch = Buffer.from(texts.join(''));
    timed('gzip_ns', () => zlib.gzipSync(batch, { level: 1 }));
  }
  // With what V8's other threads do to compile it.
  return { ...figures, cpu_ns: measure.processCpuNs() - cpu };
}

async function bareSocket(run) {
  const request = fs.readFileSync(run.request);
  const { hostname, port } = new URL(run.host);
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  let answer = '';
  let done;
  socket.on('data', (bytes) => {
    answer += bytes.toString('latin1');
    // The sink's answers end with the JSON object they consist of.
    if (answer.includes('\r\n\r\n') && answer.endsWith('}')) {
      answer = '';
      done(true);
    }
  });
  const figures = await measure.calls(run, () => {
    const answered = new Promise((resolve) => {
      done = resolve;
    });
    socket.write(request);
    return answered;
  });
  socket.destroy();
  return figures;
}

async function main() {
  const run = measure.argumentsOf();
  measure.print(run, run.mode === 'socket' ? await bareSocket(run) : floor(run));
}

main();
