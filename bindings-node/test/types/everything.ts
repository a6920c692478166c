/**
 * Uses everything the package declares but disposal, under strict rules. Lines marked `@ts-expect-error` must not compile.
 */

import {
  Client,
  ConfigError,
  DELIVERIES,
  DROP_REASONS,
  ERROR_CODES,
  FINDING_CODES,
  OPERATIONS,
  Outcome,
  QUEUE_OPTIONS,
  Queue,
  Receipt,
  Report,
  Request,
  WARNING_CODES,
  build,
  interpret,
  uuidFrom,
  version,
  type AssembledEvent,
  type BatchItem,
  type BeforeSend,
  type ClientOptions,
  type DropReason,
  type Dropped,
  type ErrorCode,
  type EventParameters,
  type Finding,
  type Input,
  type Properties,
  type OutcomeJson,
  type QueueOptions,
  type QueueStats,
  type ReceiptJson,
  type ReportJson,
  type RequestJson,
  type Transport,
  type Warning,
} from 'hogwire';
import { recordingTransport, type RecordedEvent, type RecordedRequest } from 'hogwire/testing';

const rename: BeforeSend = (event: AssembledEvent) => ({ ...event, event: 'renamed' });

const overFetch: Transport = ({ url, method, headers, body }, { signal }) =>
  fetch(url, { method, headers, body, signal, redirect: 'manual' });

const options: ClientOptions = {
  host: 'https://eu.i.posthog.com',
  timeoutMs: 1_000,
  connectTimeoutMs: 500,
  maxRetries: 0,
  maxConnections: 4,
  protocol: 'auto',
  compression: 'gzip',
  historicalMigration: false,
  nestedProperties: true,
  geoipDisable: false,
  isServer: false,
  properties: { service: 'shop', release: process.env.RELEASE },
  headers: { 'X-Team': 'shop', 'X-Release': process.env.RELEASE },
  appInfo: 'shop/1.0',
  beforeSend: [rename, () => null, () => undefined],
  disabled: undefined,
  proxy: null,
  caFile: 'ca.pem',
  clientCert: 'client.pem',
  transport: overFetch,
};

export async function everything(): Promise<void> {
  const client = new Client('phc_x', options);
  const outcomes: Outcome[] = [
    await client.createAlias({ distinctId: 'user-12345', alias: 7 }),
    await client.createEvent({
      distinctId: 12345n,
      eventName: 'Paid',
      properties: { amount: 12.5, at: new Date(), coupon: null, skipped: undefined },
      timestamp: new Date(),
      uuid: '0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e',
      groups: { company: 'acme', shop: 3 },
      processPersonProfile: false,
    }),
    await client.createIdentity({
      distinctId: 'user-12345',
      name: 'Ada',
      email: 'ada@example.com',
      plan: 'pro',
      signupDate: '2026-01-01',
      referralSource: 'mail',
      propertiesSet: { seats: 3 },
      propertiesSetOnce: { first: true },
      propertiesUnset: ['old'],
      anonymousId: 'visitor-1',
    }),
    await client.trackPage({ distinctId: 'u-1', pageUrl: new URL('https://example.com/'), pageName: 'Home', referrer: null }),
    await client.trackScreen({
      distinctId: 'u-1',
      screenViewName: 'Checkout',
      screenCategory: 'shop',
      appVersion: '1.0',
      deviceType: 'iOS',
      properties: {},
    }),
    await client.identifyGroup({ groupType: 'company', groupKey: 7n, propertiesSet: { plan: 'pro' }, distinctId: null }),
    await client.execute('group', '{}'),
    await client.execute('event', { DistinctId: 'user-12345', EventName: 'Paid' }),
    await client.execute('page', '{"DistinctId": "user-12345"}'),
  ];
  for (const outcome of outcomes) {
    const code: ErrorCode = outcome.errorCode;
    const told: [boolean, number, number, string, string, boolean, number | null, number, string | null] = [
      outcome.ok,
      outcome.statusCode,
      outcome.originalStatusCode,
      outcome.errorMessage,
      outcome.delivery,
      outcome.retryable,
      outcome.retryAfterMs,
      outcome.attempts,
      outcome.eventUuid,
    ];
    const findings: readonly Finding[] = outcome.findings;
    const warnings: readonly Warning[] = outcome.warnings;
    void [code, told, findings[0]?.code === 'required', warnings[0]?.message, outcome.data['status'], outcome.toJSON().StatusCode];
  }
  client.optOut();
  client.optIn();
  await client.close();
  await Client.fromEnv({ timeoutMs: 5 }).close();
}

const queueOptions: QueueOptions = {
  flushAt: 50,
  flushIntervalMs: 1_000,
  maxBatchEvents: 500,
  maxBatchBytes: 1 << 20,
  maxInFlight: 2,
  maxQueueEvents: 1_000,
  maxQueueBytes: 1 << 20,
  overflow: 'drop_oldest',
  blockTimeoutMs: 1,
  closeTimeoutMs: 1_000,
  maxRetries: 1,
  compression: 'zstd',
  onDrop: ({ uuid, reason, message }: Dropped) => [uuid, reason, message],
  onError: (outcome) => outcome.errorCode,
  onDelivered: async (uuids, delivery) => void [uuids[0]?.length, delivery === 'stored'],
};

export async function queued(client: Client): Promise<void> {
  const queue: Queue = client.queue(queueOptions);
  const receipts: Receipt[] = [
    queue.createAlias({ distinctId: 'u', alias: 'a' }),
    queue.createEvent({ distinctId: 'u', eventName: 'e' }),
    queue.createIdentity({ distinctId: 'u' }),
    queue.identifyGroup({ groupType: 'company', groupKey: 'acme' }),
    queue.trackPage({ distinctId: 'u', pageUrl: 'https://example.com' }),
    queue.trackScreen({ distinctId: 'u', screenViewName: 's' }),
    queue.execute('event', { DistinctId: 'u', EventName: 'e' }),
  ];
  for (const { ok, queued, eventUuid, errorCode, errorMessage, findings, warnings } of receipts) {
    const told: [boolean, boolean, string | null, ErrorCode, string] = [ok, queued, eventUuid, errorCode, errorMessage];
    void [told, findings[0]?.code === 'required', warnings[0]?.code === 'trimmed'];
  }
  const report: Report = await queue.flush({ timeoutMs: 1_000 });
  const counts: number[] = [report.delivered, report.accepted, report.stored, report.pending, report.droppedTotal];
  const reason: DropReason | undefined = report.dropped[0]?.reason;
  const stats: QueueStats = queue.stats();
  void [counts, reason, report.lastError, report.toJSON().Dropped[0]?.Uuid, stats.events_dropped_total.overflow];
  void receipts[0]?.toJSON().EventUuid;
  const items: BatchItem[] = [
    { operation: 'event', distinctId: 'u', eventName: 'e', uuid: uuidFrom('order-1') },
    { operation: 'group', groupType: 'company', groupKey: 'acme' },
  ];
  const outcomes: Outcome[] = await client.sendBatch(items);
  await queue.close();
  queue.closeSync({ timeoutMs: 5 });
  void outcomes;
}

export async function testing(): Promise<void> {
  const transport = recordingTransport();
  transport.answer({ status: 503 }, { failure: 'network' }, undefined, async (request) => ({ status: request.attempt === 1 ? 503 : 200 }));
  const client = new Client('phc_x', { transport });
  await client.createEvent({ distinctId: 'u', eventName: 'e' });
  const event: RecordedEvent | undefined = transport.events[0];
  const request: RecordedRequest | undefined = transport.requests[0];
  void [event?.properties['plan'], request?.request.attempt, request?.body.batch[0]?.event, request?.isAccepted];
  transport.clear();
}

export async function ownHttp(): Promise<Outcome> {
  const request = build(
    'event',
    { DistinctId: 'user-12345', EventName: 'Paid' },
    { apiKey: 'phc_x', nowMs: Date.now(), seed: 7n, attempt: 1, ...options },
  );
  if (!request.ok) {
    const refused: -1 | number = request.statusCode;
    void refused;
    return request;
  }
  const again = Request.fromJSON(JSON.parse(JSON.stringify(request)));
  const { method, headers, body } = again;
  const response = await fetch(again.url, { method, headers, body, redirect: 'manual' });
  void [again.toCurl(), again.eventUuid, again.timestamp, again.attempt, again.operation, again.protocol, again.warnings];
  interpret(request, { failure: 'timeout', sent: true, message: 'too slow' });
  return interpret(request, { status: response.status, headers: response.headers, body: await response.arrayBuffer() }, { nowMs: 1 });
}

export const words: string[] = [version, ...ERROR_CODES, ...DELIVERIES, ...FINDING_CODES, ...WARNING_CODES, ...OPERATIONS.page]
  .concat(DROP_REASONS, QUEUE_OPTIONS);

interface Purchase {
  amount: number;
  coupon?: string | undefined;
}

interface Paid {
  DistinctId: string;
  EventName: string;
}

class Order {
  readonly amount = 1;
}

export async function interfaces(client: Client, queue: Queue, purchase: Purchase, paid: Paid): Promise<void> {
  const properties: Properties = purchase;
  const input: Input = paid;
  const event: EventParameters = { distinctId: 'u', eventName: 'e', properties: purchase };
  await client.createEvent(event);
  await client.createEvent({ distinctId: 'u', eventName: 'e', properties: new Order() });
  await client.createIdentity({ distinctId: 'u', propertiesSet: purchase, propertiesSetOnce: purchase });
  await client.identifyGroup({ groupType: 'company', groupKey: 'acme', propertiesSet: purchase });
  await client.trackPage({ distinctId: 'u', pageUrl: 'https://example.com', properties: purchase });
  await client.trackScreen({ distinctId: 'u', screenViewName: 's', properties: purchase });
  await client.sendBatch([{ operation: 'event', ...event, properties: purchase }]);
  await client.execute('event', paid);
  void [properties, queue.createEvent(event), queue.execute('event', input), build('event', paid, { apiKey: 'phc_x', properties: purchase })];
}

// As n8n declares what its nodes give.
type GenericValue = string | object | number | boolean | undefined | null;
interface IDataObject {
  [key: string]: GenericValue | IDataObject | GenericValue[] | IDataObject[];
}

export function workflowItems(outcomes: Outcome[], receipts: Receipt[], report: Report, request: Request, stats: QueueStats): { json: IDataObject }[] {
  const items: { json: IDataObject }[] = outcomes.map((outcome) => ({ json: outcome.toJSON() }));
  const told: [OutcomeJson[], ReceiptJson[], ReportJson, RequestJson] = [
    outcomes.map((outcome) => outcome.toJSON()),
    receipts.map((receipt) => receipt.toJSON()),
    report.toJSON(),
    request.toJSON(),
  ];
  const more: IDataObject[] = [...told[0], ...told[1], told[2], told[3], stats, ...told[0].flatMap((outcome) => [outcome.Data, ...outcome.Findings])];
  return [...items, ...more.map((json) => ({ json }))];
}

export function mistakes(client: Client, queue: Queue, receipt: Receipt, outcome: Outcome, request: Request, error: unknown): void {
  if (error instanceof ConfigError) void [error.option, error.problem];
  // @ts-expect-error the api key is missing
  new Client();
  // @ts-expect-error no such option
  new Client('phc_x', { timeout: 5 });
  // @ts-expect-error a number of milliseconds
  new Client('phc_x', { timeoutMs: '5s' });
  // @ts-expect-error no such compression
  new Client('phc_x', { compression: 'brotli' });
  // @ts-expect-error options that nobody awaited
  new Client('phc_x', Promise.resolve({ host: 'https://eu.i.posthog.com' }));
  // @ts-expect-error a Map is no options
  client.queue(new Map([['flushAt', 5]]));
  // @ts-expect-error hooks are synchronous
  new Client('phc_x', { beforeSend: async (event) => event });
  // @ts-expect-error a status is missing
  new Client('phc_x', { transport: () => ({ body: '' }) });
  // @ts-expect-error the event's name is missing
  void client.createEvent({ distinctId: 'u' });
  // @ts-expect-error wrong spelling
  void client.createEvent({ distinctID: 'u', eventName: 'e' });
  // @ts-expect-error a boolean is no id
  void client.createAlias({ distinctId: true, alias: 'a' });
  // @ts-expect-error names of properties, not properties
  void client.createIdentity({ distinctId: 'u', propertiesUnset: { old: true } });
  // @ts-expect-error no such operation
  void client.execute('capture', {});
  // @ts-expect-error outcomes are read-only
  outcome.statusCode = 200;
  // @ts-expect-error outcomes are made by hogwire
  new Outcome({});
  // @ts-expect-error no such option
  client.queue({ flushInterval: 5 });
  // @ts-expect-error no such word
  client.queue({ overflow: 'wait' });
  // @ts-expect-error queues are made by clients
  new Queue();
  // @ts-expect-error a time has its name
  void queue.flush(5_000);
  // @ts-expect-error no such option
  void queue.flush({ timeout: 500 });
  // @ts-expect-error no such option
  queue.closeSync({ timeout: 500 });
  // @ts-expect-error a list is no properties
  queue.createEvent({ distinctId: 'u', eventName: 'e', properties: ['plan'] });
  // @ts-expect-error a Map is no properties
  queue.createEvent({ distinctId: 'u', eventName: 'e', properties: new Map([['plan', 'pro']]) });
  // @ts-expect-error a promise has no properties yet
  queue.createEvent({ distinctId: 'u', eventName: 'e', properties: Promise.resolve({ plan: 'pro' }) });
  // @ts-expect-error a Date is no properties
  queue.createEvent({ distinctId: 'u', eventName: 'e', properties: new Date() });
  // @ts-expect-error a function that nobody called has no properties
  queue.createEvent({ distinctId: 'u', eventName: 'e', properties: () => ({ plan: 'pro' }) });
  // @ts-expect-error text is no properties
  queue.createEvent({ distinctId: 'u', eventName: 'e', properties: '{"plan":"pro"}' });
  // @ts-expect-error a list is no input
  queue.execute('event', [{ DistinctId: 'u' }]);
  // @ts-expect-error the event's name is missing
  queue.createEvent({ distinctId: 'u' });
  // @ts-expect-error receipts are read-only
  receipt.queued = true;
  // @ts-expect-error no such operation
  void client.sendBatch([{ operation: 'capture' }]);
  // @ts-expect-error another operation's parameter
  void client.sendBatch([{ operation: 'event', distinctId: 'u', eventName: 'e', alias: 'a' }]);
  // @ts-expect-error a key is text
  uuidFrom(7);
  // @ts-expect-error the api key is the first argument
  new Client('phc_x', { apiKey: 'phc_x' });
  // @ts-expect-error the api key is missing
  build('event', {}, {});
  // @ts-expect-error no such failure
  interpret(request, { failure: 'tired' });
  // @ts-expect-error an outcome has no URL
  void outcome.url;
}
