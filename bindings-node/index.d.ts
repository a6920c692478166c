/// <reference types="node" />

/**
 * hogwire: PostHog from Node, with an answer for every call.
 *
 * Whatever happens to an event comes back as an {@link Outcome}; only misuse of the API itself throws: a wrong option
 * ({@link ConfigError}) or the name of an operation that does not exist (`TypeError`). Times are in milliseconds.
 *
 * These types need TypeScript 5.0 or newer and, beside this package, `@types/node`.
 *
 * @packageDocumentation
 */

/** The version of this package and of the core in it. */
export const version: string;

/** Every {@link ErrorCode}. */
export const ERROR_CODES: readonly ErrorCode[];
/** Every {@link Delivery}. */
export const DELIVERIES: readonly Delivery[];
/** Every {@link FindingCode}. */
export const FINDING_CODES: readonly FindingCode[];
/** Every {@link WarningCode}. */
export const WARNING_CODES: readonly WarningCode[];
/** Every {@link DropReason}. */
export const DROP_REASONS: readonly DropReason[];
/** The names of a queue's options, but for its hooks. */
export const QUEUE_OPTIONS: readonly string[];
/** The parameters of every operation in PascalCase, as {@link Client.execute} and {@link build} take them. */
export const OPERATIONS: Readonly<Record<OperationName, readonly string[]>>;

/** What kind of thing happened; a closed list. */
export type ErrorCode =
  | 'ok'
  | 'invalid_input'
  | 'timeout'
  | 'network'
  | 'tls'
  | 'redirected'
  | 'unauthorized'
  | 'quota_exceeded'
  | 'too_large'
  | 'rate_limited'
  | 'rejected'
  | 'server_error'
  | 'dropped'
  | 'queue_full'
  | 'closed'
  | 'disabled'
  | 'opted_out'
  | 'internal';

/**
 * What is known about the event's whereabouts: `not_sent` (no byte of it went out), `unknown` (it went out, and the server may or
 * may not have kept it), `accepted`, `stored`, `dropped`, `rejected` (the server said so).
 */
export type Delivery = 'not_sent' | 'unknown' | 'accepted' | 'stored' | 'dropped' | 'rejected';

/** Why an input was refused; nothing was sent. */
export type FindingCode =
  | 'required'
  | 'unknown_parameter'
  | 'invalid_type'
  | 'too_long'
  | 'placeholder_id'
  | 'same_id'
  | 'nested_value'
  | 'not_finite'
  | 'number_out_of_range'
  | 'too_deep'
  | 'cycle'
  | 'invalid_key'
  | 'invalid_timestamp'
  | 'timestamp_not_milliseconds'
  | 'naive_timestamp'
  | 'future_timestamp'
  | 'invalid_uuid'
  | 'nil_uuid'
  | 'invalid_url'
  | 'too_large'
  | 'invalid_json'
  | 'unreadable_value';

/** What was changed or is doubtful, though the call went on. */
export type WarningCode =
  | 'trimmed'
  | 'placeholder_id'
  | 'lone_surrogate'
  | 'conflict'
  | 'userinfo_removed'
  | 'referrer_without_host'
  | 'value_omitted'
  | 'reserved_property'
  | 'unexpected_answer'
  | 'answer_truncated'
  | 'server_warning'
  | 'historical_timestamp'
  | 'person_required'
  | 'before_send_failed';

/** Why a queue dropped an event. */
export type DropReason =
  | 'overflow'
  | 'before_send'
  | 'rejected'
  | 'too_large'
  | 'server_drop'
  | 'unauthorized'
  | 'quota_exceeded'
  | 'rate_limited'
  | 'shutdown';

/** The operations by name. */
export type OperationName = 'alias' | 'event' | 'group' | 'identity' | 'page' | 'screen';

/** One thing that validation found. */
export interface Finding<Code extends string = FindingCode> {
  /** The stable code. */
  readonly code: Code;
  /** The parameter in PascalCase, with the path inside it after dots: `Properties.plan`. */
  readonly parameter: string;
  /** A sentence with the limit and the fix. */
  readonly message: string;
}

/** One thing that was changed or is doubtful. */
export type Warning = Finding<WarningCode>;

/** A value as JSON has it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/**
 * What happened to one call. Frozen, except for what stands inside `data`.
 *
 * @example
 * const outcome = await client.createEvent({ distinctId: 'user-12345', eventName: 'User Signed Up' });
 * if (!outcome.ok) console.error(outcome.errorCode, outcome.errorMessage);
 */
export class Outcome {
  private constructor();
  /** Whether `statusCode` is 200. */
  readonly ok: boolean;
  /** The server's answer when it is a JSON object, `{ raw_content: text }` when it is anything else, `{}` when there is none. */
  readonly data: { [key: string]: JsonValue };
  /** The HTTP status received; 0 when there was no answer. */
  readonly originalStatusCode: number;
  /** 200; -1 when the input was refused; otherwise by the operation's status table. */
  readonly statusCode: number;
  /** A sentence; empty exactly when `statusCode` is 200. */
  readonly errorMessage: string;
  /** What kind of thing happened. */
  readonly errorCode: ErrorCode;
  /** What is known about the event's whereabouts. */
  readonly delivery: Delivery;
  /** Whether sending the same event again may help. */
  readonly retryable: boolean;
  /** Milliseconds the server asks to wait; null when it does not say. */
  readonly retryAfterMs: number | null;
  /** Requests made, retries included. */
  readonly attempts: number;
  /** The event's uuid; null when there is no event. */
  readonly eventUuid: string | null;
  /** Why the input was refused; all reasons together. */
  readonly findings: readonly Finding[];
  /** What was changed or is doubtful. */
  readonly warnings: readonly Warning[];
  /** The outcome in PascalCase: `Data`, `OriginalStatusCode`, `StatusCode`, `ErrorMessage`, ... */
  toJSON(): OutcomeJson;
}

// The JSON types are no interfaces: those do not fit where an index is asked for, as of the data of n8n's items (`IDataObject`).

/** An outcome in PascalCase. */
export type OutcomeJson = {
  Data: { [key: string]: JsonValue };
  OriginalStatusCode: number;
  StatusCode: number;
  ErrorMessage: string;
  ErrorCode: ErrorCode;
  Delivery: Delivery;
  Retryable: boolean;
  RetryAfterMs: number | null;
  Attempts: number;
  EventUuid: string | null;
  Findings: { Code: FindingCode; Parameter: string; Message: string }[];
  Warnings: { Code: WarningCode; Parameter: string; Message: string }[];
};

/**
 * Properties by name: strings, finite numbers, booleans and null; also what becomes one of these: `Date` (ISO text), `BigInt` from -2^63
 * to 2^64 - 1 (a number), and objects with a `toJSON` that gives any of them, such as `URL`.
 *
 * `undefined`, functions and symbols are left out with the warning `value_omitted`. Everything else is refused with a finding that
 * names the key: NaN and infinities (`not_finite`), other BigInts (`number_out_of_range`), buffers, Map, Set, errors (`invalid_type`),
 * invalid dates (`invalid_timestamp`), cycles (`cycle`), getters and `toJSON` that throw (`unreadable_value`). Objects and arrays are
 * refused (`nested_value`) except under keys beginning with `$`, or everywhere with the option `nestedProperties`.
 */
// `any`: of an index of `unknown`, TypeScript finds that an `interface` does not have it. An index of `any` every object has, also lists,
// Maps, a promise that nobody awaited, a Date and a function that nobody called; the symbols keep these out.
export type Properties = {
  readonly [name: string]: any;
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.toStringTag]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.hasInstance]?: never;
};

/** Parameters by name, in PascalCase: `{ DistinctId: 'user-12345', EventName: 'Paid' }`. */
// `any` as in `Properties`.
export type Input = {
  readonly [parameter: string]: any;
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.toStringTag]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.hasInstance]?: never;
};

/** Optional parameters of every operation. */
export interface EventDetails {
  /** When it happened: a `Date`, Unix milliseconds, or RFC 3339 text with a zone; at most 23 h ahead. Default: now. */
  timestamp?: Date | number | string | null | undefined;
  /** The event's own uuid; the server drops repeats of the same uuid, name, time and distinct id. Default: a fresh version 7. */
  uuid?: string | null | undefined;
  /** Group types and their keys, sent as `$groups`. */
  groups?: { readonly [groupType: string]: string | number | bigint } | null | undefined;
  /** Whether the event creates or updates a person, and belongs to groups. Default: the project's setting. */
  processPersonProfile?: boolean | null | undefined;
}

/** Parameters of every operation about somebody. */
export interface CommonParameters extends EventDetails {
  /**
   * Whom the event belongs to: 1 to 200 characters, a safe integer, or a BigInt from -2^63 to 2^64 - 1. Anything else, a `Date` too, is
   * refused (`invalid_type`), but for an object whose `toJSON` gives one of these. Placeholders such as `null` or
   * `anonymous` give the warning `placeholder_id`, and are refused where people are merged.
   */
  distinctId: string | number | bigint;
}

/** Parameters of {@link Client.createAlias}. */
export interface AliasParameters extends CommonParameters {
  /** The other id; the person behind it is merged into the person of `distinctId`. */
  alias: string | number | bigint;
}

/** Parameters of {@link Client.createEvent}. */
export interface EventParameters extends CommonParameters {
  /** The event's name: 1 to 200 characters. */
  eventName: string;
  /** The event's properties. */
  properties?: Properties | null | undefined;
}

/** Parameters of {@link Client.createIdentity}. */
export interface IdentityParameters extends CommonParameters {
  /** The person's `name`. */
  name?: string | null | undefined;
  /** The person's `email`. */
  email?: string | null | undefined;
  /** The person's `plan`. */
  plan?: string | null | undefined;
  /** The person's `signup_date`, kept once set. */
  signupDate?: string | Date | null | undefined;
  /** The person's `referral_source`, kept once set. */
  referralSource?: string | null | undefined;
  /** Further person properties, set each time. */
  propertiesSet?: Properties | null | undefined;
  /** Further person properties, kept once set. */
  propertiesSetOnce?: Properties | null | undefined;
  /** Names of person properties to remove. */
  propertiesUnset?: readonly string[] | null | undefined;
  /** An anonymous visitor's id, whose person is merged into that of `distinctId`. */
  anonymousId?: string | number | bigint | null | undefined;
}

/** Parameters of {@link Client.identifyGroup}. */
export interface GroupParameters extends EventDetails {
  /** The kind of group: `company`. */
  groupType: string;
  /** Which one: the key that `groups` names it by. */
  groupKey: string | number | bigint;
  /** Properties of the group, set each time. */
  propertiesSet?: Properties | null | undefined;
  /** Whom the event belongs to. Default: `$<groupType>_<groupKey>`, which is nobody. */
  distinctId?: string | number | bigint | null | undefined;
}

/** Parameters of {@link Client.trackPage}. */
export interface PageParameters extends CommonParameters {
  /** The page's URL, with scheme and host. */
  pageUrl: string | URL;
  /** The page's title. */
  pageName?: string | null | undefined;
  /** Where the visitor came from. */
  referrer?: string | URL | null | undefined;
  /** Further properties. */
  properties?: Properties | null | undefined;
}

/** Parameters of {@link Client.trackScreen}. */
export interface ScreenParameters extends CommonParameters {
  /** The screen's name: 1 to 200 characters. */
  screenViewName: string;
  /** The screen's category. */
  screenCategory?: string | null | undefined;
  /** The app's version. */
  appVersion?: string | null | undefined;
  /** The kind of device: `ios`, `android`, `tablet`, `macos`, `windows`, ... in any case. */
  deviceType?: string | null | undefined;
  /** Further properties. */
  properties?: Properties | null | undefined;
}

/** One item of {@link Client.sendBatch}: an operation's name, and its parameters beside it. */
export type BatchItem =
  | ({ operation: 'alias' } & AliasParameters)
  | ({ operation: 'event' } & EventParameters)
  | ({ operation: 'group' } & GroupParameters)
  | ({ operation: 'identity' } & IdentityParameters)
  | ({ operation: 'page' } & PageParameters)
  | ({ operation: 'screen' } & ScreenParameters);

/** An assembled event, as `beforeSend` sees it. Integers of 2^53 and more are bigints, so that none loses a digit. */
export interface AssembledEvent {
  /** The event's name. */
  event: string;
  /** Whom it belongs to. */
  distinct_id: string;
  /** Its uuid. */
  uuid: string;
  /** RFC 3339, UTC, milliseconds. */
  timestamp: string;
  /** All properties, the library's own included. */
  properties: { [name: string]: any };
}

/**
 * Sees each assembled event before it is sent: inside the call that gives it, synchronously, on that thread. Returns it, a changed or
 * another one, or null or undefined to drop it (error code `dropped`). If it throws, or returns anything else, that event is dropped with
 * the warning `before_send_failed`, and nothing else happens. An async function is refused where it is given (`ConfigError`).
 */
export type BeforeSend = (event: AssembledEvent) => AssembledEvent | null | undefined | void;

/** How bodies may be compressed. */
export type Compression = 'none' | 'gzip' | 'deflate' | 'zstd';

/** Options of {@link Client}. */
export interface ClientOptions {
  /** The server: an http(s) URL of at most 2,048 bytes, a path prefix allowed. Default: PostHog's US cloud, `https://us.i.posthog.com`. */
  host?: string | null | undefined;
  /** Which protocol to speak: `v1` answers for each event; `auto` is v1, and v0 for good after a 404. Default: `v0`. */
  protocol?: 'v0' | 'v1' | 'auto' | null | undefined;
  /**
   * Compresses every body; `deflate` and `zstd` need protocol v1 or auto. Default: bodies of single calls are not compressed, those of queues
   * from 1 KiB on with gzip.
   */
  compression?: Compression | null | undefined;
  /**
   * Marks everything as an import of old events, each with a `timestamp` of its own at least 48 hours back; others get the warning
   * `historical_timestamp`. The server keeps these times as they are (`$ignore_sent_at`, unless given). Default: false.
   */
  historicalMigration?: boolean | null | undefined;
  /** Allows objects and arrays as property values. Default: false. */
  nestedProperties?: boolean | null | undefined;
  /** Sends `$geoip_disable: true` unless `$ip` is given. Default: true. */
  geoipDisable?: boolean | null | undefined;
  /** Sends `$is_server: true`. Default: true. */
  isServer?: boolean | null | undefined;
  /** Properties added to every event; the event's own win. At most 500,000 bytes of JSON; `undefined`, functions and symbols are left out, as JSON does. Default: none. */
  properties?: Properties | null | undefined;
  /** Extra request headers, with values of at most 8,192 bytes; the protocol's own cannot be replaced. `undefined` is left out. Default: none. */
  headers?: { readonly [name: string]: string | undefined } | null | undefined;
  /** A suffix for the User-Agent, for example `my-app/2.1`: at most 256 bytes of printable ASCII. Default: none. */
  appInfo?: string | null | undefined;
  /** One hook or several, run in order, inside the call whose event it is. Default: none. */
  beforeSend?: BeforeSend | readonly BeforeSend[] | null | undefined;
  /** Sends nothing; outcomes say `disabled`. Default: false. */
  disabled?: boolean | null | undefined;
  /** Milliseconds a whole call may take, retries included, and in queues each request: 1 to 86,400,000 (a day). Default: 10,000. */
  timeoutMs?: number | null | undefined;
  /** Milliseconds connecting may take, name look-up included: 1 to 86,400,000 (a day). Default: 5,000. */
  connectTimeoutMs?: number | null | undefined;
  /** Retries after the first attempt, of what may work the next time: 0 to 100. Default: 2. */
  maxRetries?: number | null | undefined;
  /** Connections open at a time, 1 to 1,024; waiting for one counts against `timeoutMs`. Default: 32. */
  maxConnections?: number | null | undefined;
  /** A proxy's URL. Default: the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). */
  proxy?: string | null | undefined;
  /** A PEM file of certificate authorities to trust instead of the system's. Default: none. */
  caFile?: string | null | undefined;
  /** A PEM file with the client's certificate chain and private key. Default: none. */
  clientCert?: string | null | undefined;
  /** Carries the requests instead of the built-in HTTP. Default: none. */
  transport?: Transport | null | undefined;
}

/** What a transport gets beside the request. */
export interface TransportContext {
  /** Milliseconds left for this request; whatever comes later is not waited for. */
  readonly timeoutMs: number;
  /** Aborts when they are over; fits `fetch`. */
  readonly signal: AbortSignal;
}

/** Header names and values: `Headers`, a Map, pairs, or an object as `node:http` has it. */
export type AnswerHeaders =
  | Iterable<readonly [string, string] | readonly string[]>
  | { readonly [name: string]: string | readonly string[] | number | undefined };

/** A server's answer. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers; `Retry-After`, `Location` and `Content-Encoding` are read. What is none of these gives the error code `internal`. */
  readonly headers?: AnswerHeaders | null | undefined;
  /** The body, decompressed; as text, as bytes, or nothing. */
  readonly body?: string | Uint8Array | ArrayBuffer | null | undefined;
}

/** An answer whose body is still to be read: a `Response` of fetch. */
export interface AnswerToRead {
  /** The HTTP status. */
  readonly status: number;
  /** The headers. */
  readonly headers?: AnswerHeaders | null | undefined;
  /** Reads the body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Why there is no answer. */
export interface TransportFailure {
  /** Time ran out; no connection, a lost one or a broken answer; the secure connection could not be made. */
  readonly failure: 'timeout' | 'network' | 'tls';
  /** Whether any byte of the request went out. Default: false for `tls`, true otherwise. */
  readonly sent?: boolean | undefined;
  /** A sentence for people. */
  readonly message?: string | undefined;
}

/**
 * Carries one request; sync or async, on this thread. Redirects must not be followed. The request's `headers` and `body` hold the api
 * key, which is the server's alone to see.
 *
 * What it throws becomes a failure: `AbortError`, `TimeoutError` and codes such as `ETIMEDOUT` a time-out, certificate errors `tls`,
 * everything else `network`. An answer of another shape gives the error code `internal`.
 *
 * @example
 * const client = new Client('phc_...', {
 *   transport: ({ url, method, headers, body }, { signal }) =>
 *     fetch(url, { method, headers, body, signal, redirect: 'manual' }),
 * });
 */
export type Transport = (
  request: Request,
  context: TransportContext,
) => Answer | AnswerToRead | TransportFailure | Promise<Answer | AnswerToRead | TransportFailure>;

/**
 * A wrong option, or options that are no plain object (nor an instance of a class that has each option as a property of its own); thrown
 * by everything that takes options, never because of an event.
 */
export class ConfigError extends Error {
  private constructor();
  /** The option as this package spells it: `timeoutMs`; `options` where it is about all of them. */
  readonly option: string;
  /** What is wrong with it and what to do; does not repeat the option's name. */
  readonly problem: string;
}

/**
 * Sends calls and answers each. Make one and keep it: it holds the connections.
 *
 * A pending call keeps the process alive, an idle client does not. One that is thrown away is collected once its calls are answered,
 * whatever its `transport` and `beforeSend` refer to. Usable in worker threads, each with clients of its own. Consoles show
 * where it sends, and never the api key.
 */
export class Client {
  /**
   * @param apiKey The project API key (`phc_...`).
   * @param options See {@link ClientOptions}.
   * @throws ConfigError naming the first wrong option.
   *
   * @example
   * const client = new Client('phc_...', { host: 'https://eu.i.posthog.com', timeoutMs: 3_000 });
   *
   * @example
   * new Client('phx_personal'); // ConfigError: apiKey: is a personal API key ...
   */
  constructor(apiKey: string, options?: ClientOptions);

  /**
   * A client with the api key from `POSTHOG_API_KEY` and the host from `POSTHOG_HOST`, unless `options` say otherwise. Without a key
   * the client is disabled, and its outcomes say why.
   *
   * @throws ConfigError naming the first wrong option.
   *
   * @example
   * const client = Client.fromEnv({ timeoutMs: 3_000 });
   */
  static fromEnv(options?: ClientOptions & { apiKey?: string | null | undefined }): Client;

  /**
   * Makes two ids one person (`$create_alias`): the person behind `alias` is merged into the person of `distinctId`. The server
   * refuses the merge later, silently, when the alias side is already identified; to merge an anonymous visitor into a known user, use
   * {@link createIdentity} with `anonymousId`.
   *
   * Never rejects. Codes: see {@link ErrorCode}; refused input has `statusCode` -1.
   *
   * @example
   * await client.createAlias({ distinctId: 'user-12345', alias: 'visitor-6789' }); // statusCode 200
   *
   * @example
   * const outcome = await client.createAlias({ distinctId: 'user-12345', alias: 'user-12345' });
   * outcome.findings[0].code; // 'same_id'
   */
  createAlias(parameters: AliasParameters): Promise<Outcome>;

  /**
   * Sends an event of your own.
   *
   * Never rejects. Codes: see {@link ErrorCode}; refused input has `statusCode` -1.
   *
   * @example
   * await client.createEvent({
   *   distinctId: 'user-12345',
   *   eventName: 'User Signed Up',
   *   properties: { plan: 'premium', source: 'web_form' },
   * }); // statusCode 200
   *
   * @example
   * const outcome = await client.createEvent({ distinctId: 'user-12345', eventName: 'Paid', properties: { amount: NaN } });
   * outcome.findings[0]; // { code: 'not_finite', parameter: 'Properties.amount', message: ... }
   */
  createEvent(parameters: EventParameters): Promise<Outcome>;

  /**
   * Sets who a person is (`$identify`): name, email, plan and `propertiesSet` each time, sign-up date, referral source and
   * `propertiesSetOnce` once.
   *
   * Never rejects. Codes: see {@link ErrorCode}; refused input has `statusCode` -1.
   *
   * @example
   * await client.createIdentity({ distinctId: 'user-12345', email: 'ada@example.com', anonymousId: 'visitor-6789' }); // 200
   *
   * @example
   * const outcome = await client.createIdentity({ distinctId: 'user-12345', anonymousId: 'null' });
   * outcome.findings[0].code; // 'placeholder_id'
   */
  createIdentity(parameters: IdentityParameters): Promise<Outcome>;

  /**
   * Sets properties of a group (`$groupidentify`), such as a company; events name their groups with `groups`.
   *
   * Never rejects. Codes: see {@link ErrorCode}; refused input has `statusCode` -1.
   *
   * @example
   * await client.identifyGroup({ groupType: 'company', groupKey: 'acme', propertiesSet: { plan: 'enterprise' } }); // 200
   *
   * @example
   * const outcome = await client.identifyGroup({ groupType: 'company', groupKey: '' });
   * outcome.findings[0].parameter; // 'GroupKey'
   */
  identifyGroup(parameters: GroupParameters): Promise<Outcome>;

  /**
   * Sends a page view (`$pageview`), with what its URL says: host, path, campaign parameters, click ids.
   *
   * Never rejects. Codes: see {@link ErrorCode}; refused input has `statusCode` -1.
   *
   * @example
   * await client.trackPage({ distinctId: 'user-12345', pageUrl: 'https://example.com/pricing?utm_source=mail' }); // 200
   *
   * @example
   * const outcome = await client.trackPage({ distinctId: 'user-12345', pageUrl: '/pricing' });
   * outcome.findings[0].code; // 'invalid_url'
   */
  trackPage(parameters: PageParameters): Promise<Outcome>;

  /**
   * Sends a screen view of an app (`$screen`).
   *
   * Never rejects. Codes: see {@link ErrorCode}; refused input has `statusCode` -1.
   *
   * @example
   * await client.trackScreen({ distinctId: 'user-12345', screenViewName: 'Checkout', deviceType: 'iOS' }); // 200
   *
   * @example
   * const outcome = await client.trackScreen({ distinctId: 'user-12345', screenViewName: '' });
   * outcome.findings[0].code; // 'required'
   */
  trackScreen(parameters: ScreenParameters): Promise<Outcome>;

  /**
   * Sends any operation by name, with names in PascalCase.
   *
   * Rejects with a `TypeError` only when there is no such operation, or what is given as one is no text.
   *
   * @param input An object such as `{ DistinctId: 'user-12345', EventName: 'Paid' }`, or JSON text of one.
   *
   * @example
   * await client.execute('event', { DistinctId: 'user-12345', EventName: 'Paid' }); // statusCode 200
   *
   * @example
   * const outcome = await client.execute('event', '{"DistinctId": ');
   * outcome.findings[0].code; // 'invalid_json'
   */
  execute(operation: OperationName, input: Input | string): Promise<Outcome>;

  /**
   * Sends many operations in one request and gives one outcome for each, in order. What is invalid is answered and not sent, and takes
   * no good neighbour with it; a request that the server refuses because of one event is divided until that event stands alone. More
   * than 1,000 events or 1 MiB of JSON go out in several requests, one after the other, all within `timeoutMs`.
   *
   * Never rejects. What is no array is answered as one refused item.
   *
   * @example
   * const [paid, page] = await client.sendBatch([
   *   { operation: 'event', distinctId: 'user-12345', eventName: 'Paid' },
   *   { operation: 'page', distinctId: 'user-12345', pageUrl: 'https://example.com/thanks' },
   * ]);
   *
   * @example
   * const [outcome] = await client.sendBatch([{ operation: 'capture' }]);
   * outcome.findings[0]; // { code: 'unknown_parameter', parameter: 'Operation', ... }
   */
  sendBatch(operations: readonly BatchItem[]): Promise<Outcome[]>;

  /**
   * A queue for this client's events.
   *
   * @throws ConfigError naming the first wrong option.
   *
   * @example
   * const queue = client.queue({ flushAt: 50, onDrop: ({ uuid, reason }) => console.error(uuid, reason) });
   * queue.createEvent({ distinctId: 'user-12345', eventName: 'Paid' });
   * await queue.close();
   *
   * @example
   * client.queue({ flushAt: 0 }); // ConfigError: flushAt: must be 1 to 1000000
   */
  queue(options?: QueueOptions): Queue;

  /**
   * Stops sending until {@link optIn}: outcomes and receipts say `opted_out`, calls under way are not retried, and queues keep what waits
   * in them; one that is closed meanwhile drops it as `shutdown`. A request that is on its way already cannot be called back.
   */
  optOut(): void;

  /** Sends again after {@link optOut}, and what waits in queues. */
  optIn(): void;

  /**
   * Ends the client: later calls are answered `closed`; calls under way finish their attempt but are not retried. Resolves when all of
   * them are answered. May be called again. Close queues first: they take nothing more either, but keep what they hold until they are
   * closed, too.
   */
  close(): Promise<void>;

  /** {@link close}, for `await using` in TypeScript, and in JavaScript from Node 24 on. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Options of {@link Client.queue}.
 *
 * The hooks `onDrop`, `onError` and `onDelivered` run on the thread that made the queue, one after the other, when its event loop comes to
 * them: never inside the call that drops an event, but later, and before {@link Queue.close} resolves. Only {@link Queue.closeSync} tells
 * them what there is to tell before it returns. Once the thread has ended, they are not told any more. What one throws, or rejects with,
 * stops nothing; the first time it is a warning of the process (`HogwireWarning`).
 */
export interface QueueOptions {
  /** Events that make a batch go out, 1 to 1,000,000; each request under way doubles it, up to `maxBatchEvents`. Default: 100. */
  flushAt?: number | null | undefined;
  /** Age in milliseconds of the oldest event that makes a batch go out: 0 to 86,400,000 (a day). Default: 5,000. */
  flushIntervalMs?: number | null | undefined;
  /** Most events of a request: 1 to 100,000; with `protocol` v1 or auto, at most 5,000 are sent. Default: 1,000. */
  maxBatchEvents?: number | null | undefined;
  /** Most bytes of JSON of a request, uncompressed: 1 to 20,971,520 (20 MiB). Default: 1,048,576 (1 MiB). */
  maxBatchBytes?: number | null | undefined;
  /** Most requests at a time: 1 to 64. Order is kept inside a batch; across batches PostHog orders by timestamp. Default: 4. */
  maxInFlight?: number | null | undefined;
  /**
   * Most events that may wait, for their first request or after all retries: 1 to 100,000,000; those of batches under way come on top.
   * Default: 100,000.
   */
  maxQueueEvents?: number | null | undefined;
  /** Most bytes of the events that may wait: 1 to 1,099,511,627,776 (1 TiB). Default: 134,217,728 (128 MiB). */
  maxQueueBytes?: number | null | undefined;
  /**
   * What happens to an event for which there is no room: `reject` (the receipt says `queue_full`), `drop_oldest`, or `block`: this
   * thread stands still, event loop and all, for `blockTimeoutMs` at most, then rejects. With a `transport` of yours, which runs on this
   * very thread, `block` rejects at once. Default: `reject`.
   */
  overflow?: 'reject' | 'drop_oldest' | 'block' | null | undefined;
  /** Milliseconds to stand still for room with `block`: 0 to 86,400,000 (a day). Default: 5,000. */
  blockTimeoutMs?: number | null | undefined;
  /**
   * Milliseconds that closing may take where no time is given (`close()`, `await using`, the end of the program): 0 to 86,400,000 (a day).
   * Default: 5,000.
   */
  closeTimeoutMs?: number | null | undefined;
  /** Retries of a batch after its first attempt, 0 to 100; one that has used them up is kept for a later round. Default: 3. */
  maxRetries?: number | null | undefined;
  /** How bodies are compressed. Default: as the client's; when that has no compression set, gzip from 1 KiB. */
  compression?: Compression | null | undefined;
  /** Told of every event that is dropped. Default: none. */
  onDrop?: ((dropped: Dropped) => unknown) | null | undefined;
  /** Told of every request that failed, as an outcome without an event. Default: none. */
  onError?: ((outcome: Outcome) => unknown) | null | undefined;
  /**
   * Told of every delivery: which events, and whether they are `accepted`, `stored`, or `unknown`, when the answer says nothing about them
   * (perhaps from a host that is not PostHog's). Default: none.
   */
  onDelivered?: ((uuids: readonly string[], delivery: 'accepted' | 'stored' | 'unknown') => unknown) | null | undefined;
}

/** One event that was dropped. */
export interface Dropped {
  /** The event's uuid. */
  readonly uuid: string;
  /** Why, as a word. */
  readonly reason: DropReason;
  /** Why, as a sentence, with the server's own words where there are any. */
  readonly message: string;
}

/** What became of handing one event to a queue. Frozen. */
export class Receipt {
  private constructor();
  /** Whether the event is in the queue; the same as `queued`. */
  readonly ok: boolean;
  /** The event's uuid, under which reports and hooks speak of it; null when there is no event. */
  readonly eventUuid: string | null;
  /** Whether the event is in the queue. */
  readonly queued: boolean;
  /** `ok`, `invalid_input`, `dropped`, `queue_full`, `closed`, `disabled`, `opted_out` or `internal`. */
  readonly errorCode: ErrorCode;
  /** A sentence; empty exactly when `queued`. */
  readonly errorMessage: string;
  /** Why the input was refused; all reasons together. */
  readonly findings: readonly Finding[];
  /** What was changed or is doubtful. */
  readonly warnings: readonly Warning[];
  /** The receipt in PascalCase. */
  toJSON(): ReceiptJson;
}

/** A receipt in PascalCase. */
export type ReceiptJson = {
  EventUuid: string | null;
  Queued: boolean;
  ErrorCode: ErrorCode;
  ErrorMessage: string;
  Findings: { Code: FindingCode; Parameter: string; Message: string }[];
  Warnings: { Code: WarningCode; Parameter: string; Message: string }[];
};

/** What became of a queue's events: counts since the last report, and what is pending as of now. Frozen. */
export class Report {
  private constructor();
  /**
   * Events the server took: `accepted` and `stored` together. Those whose answer, a success, says nothing of them are among the accepted;
   * `lastError` tells of these.
   */
  readonly delivered: number;
  /** Events the server accepted for storage. */
  readonly accepted: number;
  /** Events the server stored (protocol v1). */
  readonly stored: number;
  /** Events that are still to be delivered. */
  readonly pending: number;
  /** Events that were dropped, each by name; at most 100,000 of them. */
  readonly dropped: readonly Dropped[];
  /** How many events were dropped, the ones not named included. */
  readonly droppedTotal: number;
  /**
   * What the last request said that failed or was answered doubtfully, or why none could be made; where there was none, why a close gave
   * events up. Empty when neither happened.
   */
  readonly lastError: string;
  /** The report in PascalCase. */
  toJSON(): ReportJson;
}

/** A report in PascalCase. */
export type ReportJson = {
  Delivered: number;
  Accepted: number;
  Stored: number;
  Pending: number;
  Dropped: { Uuid: string; Reason: DropReason; Message: string }[];
  DroppedTotal: number;
  LastError: string;
};

/** Counters since a queue was made, and where its events stand now; the names fit Prometheus and OpenTelemetry. */
export type QueueStats = {
  /** Valid events handed to the queue, those included that it had to drop at once. */
  events_pushed_total: number;
  /** Events the server took. */
  events_delivered_total: number;
  /** Of these, accepted for storage. */
  events_accepted_total: number;
  /** Of these, stored. */
  events_stored_total: number;
  /** Of the accepted ones, those a v1 answer said nothing about, and those a success was the answer to that is not PostHog's. */
  events_unconfirmed_total: number;
  /** Events dropped, by reason. */
  events_dropped_total: Record<DropReason, number>;
  /** Events sent again, but for those of a divided batch. */
  events_retried_total: number;
  /** Requests made. */
  requests_total: number;
  /** Requests that failed. */
  requests_failed_total: number;
  /** Bytes of request bodies, as sent, once their answers came. */
  request_bytes_total: number;
  /** Batches divided to find the event the server refuses. */
  batches_divided_total: number;
  /** Answers to requests the queue no longer waited for. */
  late_answers_total: number;
  /** Events that wait for a batch. */
  events_waiting: number;
  /** Bytes of the events that wait for a batch. */
  bytes_waiting: number;
  /** Events in batches, on their way or waiting for another attempt. */
  events_in_flight: number;
  /** Requests whose answer is awaited. */
  requests_in_flight: number;
};

/** How long to wait. */
export interface Waiting {
  /** Milliseconds; `Infinity` is a day. */
  timeoutMs?: number | null | undefined;
}

/**
 * Takes events at once and delivers them in the background, in batches. Made by {@link Client.queue}.
 *
 * Each operation is that of {@link Client}, but gives a {@link Receipt} at once instead of a promise, and never throws for its input.
 * What it is given is encoded before it returns: changing the objects afterwards changes nothing that is sent. Consoles show how many
 * events are pending.
 *
 * An idle queue does not keep the process alive, nor does one that holds events; but when the program has nothing else to do, open
 * queues are closed, each for at most `closeTimeoutMs`. `process.exit`, signals and uncaught exceptions leave no time for that: see
 * {@link closeSync}. Without it, the first and the last say on stderr how many events are lost (not on Windows).
 *
 * A queue that is thrown away unclosed is closed in the background when the garbage collector finds it. Where its hooks, or its client's
 * `transport`, refer to it, that is only after its events were delivered, at the pace of `flushIntervalMs`, and hooks told. A closed one
 * is collected as soon as anything is.
 */
export class Queue {
  private constructor();
  /** {@link Client.createAlias}, queued. */
  createAlias(parameters: AliasParameters): Receipt;
  /**
   * {@link Client.createEvent}, queued.
   *
   * @example
   * const { queued, eventUuid } = queue.createEvent({ distinctId: 'user-12345', eventName: 'Paid' }); // true
   *
   * @example
   * queue.createEvent({ distinctId: 'user-12345' }).findings[0].parameter; // 'EventName'
   */
  createEvent(parameters: EventParameters): Receipt;
  /** {@link Client.createIdentity}, queued. */
  createIdentity(parameters: IdentityParameters): Receipt;
  /** {@link Client.identifyGroup}, queued. */
  identifyGroup(parameters: GroupParameters): Receipt;
  /** {@link Client.trackPage}, queued. */
  trackPage(parameters: PageParameters): Receipt;
  /** {@link Client.trackScreen}, queued. */
  trackScreen(parameters: ScreenParameters): Receipt;
  /**
   * Takes in any operation by name, with names in PascalCase.
   *
   * @throws TypeError only when there is no such operation, or what is given as one is no text.
   */
  execute(operation: OperationName, input: Input | string): Receipt;

  /**
   * Sends everything queued so far and waits until each event is delivered, dropped, or has used up its retries, and hooks have been
   * told, for at most `timeoutMs` (10,000 when left out). What is left stays in the queue and is counted as `pending`. Makes no request when nothing is
   * queued. Never rejects for a delivery.
   *
   * @throws ConfigError (as a rejection) when `timeoutMs` is no number of milliseconds, or for an option that does not exist.
   *
   * @example
   * const { delivered, pending, dropped } = await queue.flush({ timeoutMs: 3_000 });
   *
   * @example
   * const report = await queue.flush(); // the server is down
   * if (report.pending > 0) console.error(report.lastError);
   */
  flush(options?: Waiting): Promise<Report>;

  /**
   * Takes nothing more, delivers what is there for at most `timeoutMs` (`closeTimeoutMs` when left out), and says what became of it.
   * What could not be delivered is dropped as `shutdown`, with one line on stderr. When it resolves, hooks have been told. May be called
   * again. Never rejects for a delivery.
   *
   * @throws ConfigError (as a rejection) when `timeoutMs` is no number of milliseconds, or for an option that does not exist.
   *
   * @example
   * const report = await queue.close();
   * console.log(report.delivered, report.droppedTotal);
   *
   * @example
   * await queue.close();
   * queue.createEvent({ distinctId: 'user-12345', eventName: 'Paid' }).errorCode; // 'closed'
   */
  close(options?: Waiting): Promise<Report>;

  /**
   * {@link close} for places that cannot wait for a promise, such as `process.on('exit')`: this thread stands still meanwhile, and hooks
   * are told before it returns.
   *
   * With a `transport` of yours, which runs on this very thread, nothing can be delivered while it stands still: it returns at once, and
   * what is not delivered yet is dropped as `shutdown`.
   *
   * @throws ConfigError when `timeoutMs` is no number of milliseconds, or for an option that does not exist.
   *
   * @example
   * process.on('exit', () => queue.closeSync({ timeoutMs: 2_000 }));
   * process.on('SIGTERM', () => process.exit(143)); // comes by the line above
   */
  closeSync(options?: Waiting): Report;

  /** All counters since the queue was made, and where its events stand now. */
  stats(): QueueStats;

  /** {@link close}, for `await using` in TypeScript, and in JavaScript from Node 24 on. */
  [Symbol.asyncDispose](): Promise<void>;
  /** {@link closeSync}, for `using` in TypeScript, and in JavaScript from Node 24 on; prefer `await using`, which lets the event loop run. */
  [Symbol.dispose](): void;
}

/**
 * A uuid made of a key of yours, always the same for the same key. An import that is run again then does not duplicate its events, as
 * long as each event's `timestamp`, name and distinct id are the same again too: the server drops repeats of all four.
 *
 * @throws TypeError when the key is no text.
 *
 * @example
 * await client.createEvent({ distinctId: 'user-12345', eventName: 'Paid', uuid: uuidFrom('order-1234'), timestamp: order.paidAt });
 */
export function uuidFrom(key: string): string;

/**
 * An exact request, and what {@link interpret} needs to read its answer.
 *
 * It holds the api key: in `body` (protocol v0), in `headers` (v1), and in what `toJSON()`, and so `JSON.stringify`, gives. Consoles show
 * it without the key, and so does `toCurl()`: log these.
 */
export class Request {
  private constructor();
  /** Tells it apart from an outcome. */
  readonly ok: true;
  /** Always `POST`. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /**
   * Header names and values, in the order to send them. Your HTTP adds Host and Content-Length. Over protocol v1 they hold the api key
   * (`Authorization`).
   */
  readonly headers: [string, string][];
  // `Buffer<ArrayBuffer>`, which compilers before TypeScript 5.7, and their types of Node, know only as `Buffer`.
  /** The body, compressed when a header says so. Over protocol v0 it holds the api key. */
  readonly body: ReturnType<typeof Buffer.alloc>;
  /** Which operation it carries. */
  readonly operation: OperationName;
  /** Which protocol it speaks. */
  readonly protocol: 'v0' | 'v1';
  /** The event's uuid; stays the same over attempts. */
  readonly eventUuid: string;
  /** The event's time, RFC 3339; stays the same over attempts. */
  readonly timestamp: string;
  /** Which attempt it is, from 1. */
  readonly attempt: number;
  /** What was changed or is doubtful about the input; carried into the outcome. */
  readonly warnings: readonly Warning[];
  /** The request as a shell command, uncompressed and without the api key: to look at. */
  toCurl(): string;
  /** The request as plain data, to pass through another process. Holds the api key, as does `JSON.stringify` of a request: do not log it. */
  toJSON(): RequestJson;
  /**
   * The request that {@link toJSON} wrote, from the object or its text.
   *
   * @throws TypeError when it is none.
   */
  static fromJSON(json: RequestJson | string): Request;
}

/** A request as plain data. Holds the api key, in the body (protocol v0) or in the headers (v1): do not log it. */
export type RequestJson = {
  Method: string;
  Url: string;
  /** Over protocol v1 they hold the api key (`Authorization`). */
  Headers: [string, string][];
  /** The body, when it is text. Over protocol v0 it holds the api key. */
  Body?: string;
  /** The body in base64, when it is not text. Over protocol v0 it holds the api key, compressed or not. */
  BodyBase64?: string;
  Operation: OperationName;
  Protocol: 'v0' | 'v1';
  EventUuid: string;
  Timestamp: string;
  Attempt: number;
  Warnings: { Code: WarningCode; Parameter: string; Message: string }[];
};

/** Options of {@link build}. */
export interface BuildOptions extends Omit<ClientOptions, 'transport'> {
  /** The project API key (`phc_...`). */
  apiKey: string;
  /** The present, in Unix milliseconds. Default: now. */
  nowMs?: number | null | undefined;
  /**
   * Makes the event's uuid: the same input, options, `nowMs` and `seed` give the same bytes. A whole number from 0 to 2^53 - 1, or a BigInt
   * from 0 to 2^64 - 1. Default: random.
   */
  seed?: number | bigint | null | undefined;
  /** Which attempt it is. Default: 1. */
  attempt?: number | null | undefined;
}

/**
 * Builds the exact request of an operation, for your own HTTP: no socket, clock or thread. Gives the {@link Outcome} instead when
 * nothing is to be sent: the input was refused, a hook dropped it, or `disabled`.
 *
 * @throws ConfigError naming a wrong option; TypeError when there is no such operation.
 *
 * @example
 * const request = build('event', { DistinctId: 'user-12345', EventName: 'Paid' }, { apiKey: 'phc_...' });
 * if (!request.ok) throw new Error(request.errorMessage);
 * const { url, method, headers, body } = request;
 * const response = await fetch(url, { method, headers, body, redirect: 'manual' });
 * const outcome = interpret(request, { status: response.status, headers: response.headers, body: await response.text() });
 *
 * @example
 * const refused = build('event', { DistinctId: 'user-12345' }, { apiKey: 'phc_...' });
 * refused.ok; // false; its statusCode is -1
 */
export function build(
  operation: OperationName,
  input: Input | string,
  options: BuildOptions,
): Request | (Outcome & { readonly ok: false });

/**
 * Reads what came of a request. Any status, any bytes, any failure give an outcome; what is neither an answer nor a failure gives the
 * error code `internal`, and so does the `Response` of fetch itself, whose body is still to be read.
 *
 * @param options `nowMs` is only needed to understand a Retry-After that is a date. Default: now.
 * @throws TypeError when `request` is none; ConfigError for a wrong option.
 *
 * @example
 * interpret(request, { status: 200, body: '{"status":"Ok"}' }).delivery; // 'accepted'
 *
 * @example
 * interpret(request, { failure: 'timeout' }).delivery; // 'unknown'
 */
export function interpret(
  request: Request,
  answer: Answer | TransportFailure,
  options?: { nowMs?: number | null | undefined },
): Outcome;
