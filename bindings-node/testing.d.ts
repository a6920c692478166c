/**
 * hogwire/testing: assert on what your program would have sent, and script what it is answered. Nothing leaves the process.
 *
 * @packageDocumentation
 */

import type { Answer, JsonValue, Request, Transport, TransportContext, TransportFailure } from './index.js';

/** An event as it would have been sent. */
export interface RecordedEvent {
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
  /** What protocol v1 has beside the properties. */
  options?: { [name: string]: JsonValue };
}

/** One request that would have been sent. */
export interface RecordedRequest {
  /** The request itself: URL, headers, attempt. It holds the client's api key, as every {@link Request} does. */
  readonly request: Request;
  /** Its body, decompressed and parsed, with the api key made unreadable. */
  readonly body: { batch: RecordedEvent[]; [name: string]: any };
  /** Whether it was answered with success. */
  readonly isAccepted: boolean;
}

/** What a request is answered: an answer, a failure, or undefined for success. */
export type ScriptedAnswer = Answer | TransportFailure | undefined;

/** A transport that records. */
export interface RecordingTransport extends Transport {
  /** Every request so far, retries included. */
  readonly requests: readonly RecordedRequest[];
  /** Every event so far, in order; one that was sent several times stands once, where it was sent first. */
  readonly events: readonly RecordedEvent[];
  /**
   * Sets what the next requests are answered, one each, after those that are set already. A function is asked when its turn comes, and
   * may be async. All other requests succeed.
   */
  answer(
    ...answers: (ScriptedAnswer | ((request: Request, context: TransportContext) => ScriptedAnswer | Promise<ScriptedAnswer>))[]
  ): void;
  /** Forgets requests and answers. */
  clear(): void;
}

/**
 * A transport for tests.
 *
 * @example
 * const transport = recordingTransport();
 * const client = new Client('phc_x', { transport });
 * await client.createEvent({ distinctId: 'user-12345', eventName: 'Paid' });
 * transport.events[0].event; // 'Paid'
 *
 * @example
 * transport.answer({ status: 503 }, { failure: 'network' });
 * (await client.createEvent({ distinctId: 'user-12345', eventName: 'Paid' })).attempts; // 3
 */
export function recordingTransport(): RecordingTransport;
