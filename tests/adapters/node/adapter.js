'use strict';
/**
 * The Node adapter: one JSON line in, one JSON line out, through nothing but the public API of the package `hogwire`.
 */

const readline = require('node:readline');
const hogwire = require('../../../bindings-node');
const { queue } = require('./queue.js');

const HOOKS = {
  drop: () => null,
  raise: () => {
    throw new Error('the hook raised');
  },
  rename: (event) => ({ ...event, event: 'renamed' }),
  reassign: (event) => ({ ...event, distinct_id: 'reassigned' }),
  add_property: (event) => ({ ...event, properties: { ...event.properties, hook: true } }),
  break: ({ distinct_id: _, ...event }) => event,
};

/** `timeout_ms` -> `timeoutMs`. */
function camelCase(name) {
  return name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}

/** `timeoutMs` -> `timeout_ms`. */
function snakeCase(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Options in this package's spelling. */
function spelled(options = {}) {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
}

/** A client's options. */
function optionsOf({ config, before_send: hooks }) {
  const options = spelled(config);
  return hooks === undefined ? options : { ...options, beforeSend: hooks.map((name) => HOOKS[name]) };
}

function clientOf(line) {
  const { apiKey, ...options } = optionsOf(line);
  return new hogwire.Client(apiKey, options);
}

/** An object as values, a text as text: both are ways to use the API. */
function inputOf(line) {
  return line.input_text ?? line.input;
}

function build(line) {
  const { now_ms: nowMs, seed, attempt } = line;
  return hogwire.build(line.operation, inputOf(line), { ...optionsOf(line), nowMs, seed, attempt });
}

function interpret(line) {
  const request = build(line);
  if (!request.ok) return { outcome: request };
  const { response, failure, sent, now_ms: nowMs } = line;
  if (failure !== undefined) return { outcome: hogwire.interpret(request, { failure, sent }, { nowMs }) };
  const { status, headers, body, body_base64: base64 } = response;
  const bytes = base64 === undefined ? body : Buffer.from(base64, 'base64');
  return { outcome: hogwire.interpret(request, { status, headers, body: bytes }, { nowMs }) };
}

async function call(line) {
  const client = clientOf(line);
  for (const step of line.before ?? []) client[camelCase(step)]();
  const outcome = await client.execute(line.operation, inputOf(line));
  await client.close();
  return { outcome };
}

/** An item of a batch in this package's spelling; what is no parameter of its operation is handed on as it is. */
function parametersOf(item) {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const known = ['Operation', ...(hogwire.OPERATIONS[item.Operation] ?? [])];
  const lower = (name) => name.replace(/^./, (letter) => letter.toLowerCase());
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [known.includes(name) ? lower(name) : name, value]));
}

async function batch(line) {
  const client = clientOf(line);
  for (const step of line.before ?? []) client[camelCase(step)]();
  const outcomes = await client.sendBatch(line.items.map(parametersOf));
  await client.close();
  return { outcomes };
}

function catalogue() {
  const lists = {
    ErrorCodes: hogwire.ERROR_CODES,
    Deliveries: hogwire.DELIVERIES,
    Findings: hogwire.FINDING_CODES,
    Warnings: hogwire.WARNING_CODES,
    DropReasons: hogwire.DROP_REASONS,
    QueueOptions: hogwire.QUEUE_OPTIONS.map(snakeCase),
    Operations: hogwire.OPERATIONS,
  };
  return { catalogue: lists };
}

const ACTIONS = {
  build: (line) => {
    const built = build(line);
    return built.ok ? { request: built } : { outcome: built };
  },
  interpret,
  call,
  batch,
  queue: (line) => queue(line, clientOf(line), spelled(line.options)),
  uuid_from: ({ key }) => ({ uuid: hogwire.uuidFrom(key) }),
  config: async (line) => {
    await clientOf(line).close();
    return { config: 'ok' };
  },
  curl: (line) => {
    const built = build(line);
    return built.ok ? { curl: built.toCurl() } : { outcome: built };
  },
  catalogue,
};

async function answer(text) {
  const line = JSON.parse(text);
  try {
    return await ACTIONS[line.do](line);
  } catch (error) {
    if (error instanceof hogwire.ConfigError) {
      return { error: { Option: snakeCase(error.option), Message: error.problem } };
    }
    return { error: { Message: error.message } };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
}

main();
