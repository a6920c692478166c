'use strict';
/**
 * Request: what is to be sent, and what `interpret` needs to read the answer. The core's text of it is kept; fields are read from it.
 */

const { inspect } = require('node:util');
const { isObject, isUnwritable, kindOf } = require('./kinds.js');
const { native } = require('./native.js');
const { findings } = require('./outcome.js');

/** The core's own text of a request, out of everybody's sight: it holds the api key. @type {WeakMap<Request, string>} */
const texts = new WeakMap();

/** An exact request. Its fields are copies: what is interpreted is the core's own text. Made by `build`, by a client for its transport, or by `Request.fromJSON`. */
class Request {
  /** @param {string} text the core's text */
  constructor(text) {
    const told = JSON.parse(text);
    texts.set(this, text);
    this.method = told.Method;
    this.url = told.Url;
    this.headers = told.Headers;
    this.body = told.Body === undefined ? Buffer.from(told.BodyBase64, 'base64') : Buffer.from(told.Body);
    this.operation = told.Operation;
    this.protocol = told.Protocol;
    this.eventUuid = told.EventUuid;
    this.timestamp = told.Timestamp;
    this.attempt = told.Attempt;
    this.warnings = findings(told.Warnings);
    Object.freeze(this);
  }

  /** @param {unknown} json what {@link Request.toJSON} gave, as an object or as text */
  static fromJSON(json) {
    const isOther = typeof json === 'string' ? !/^\s*\{/.test(json) : !isObject(json) || Array.isArray(json) || isUnwritable(json);
    const kind = typeof json === 'string' ? 'other text' : kindOf(json);
    if (isOther) throw new TypeError(`not a request: give what toJSON() or JSON.stringify() made of one, not ${kind}`);
    try {
      return new Request(native.checkRequest(typeof json === 'string' ? json : JSON.stringify(json)));
    } catch (error) {
      throw new TypeError(/** @type {Error} */ (error).message);
    }
  }

  /** Tells it apart from an outcome. */
  get ok() {
    return true;
  }

  toCurl() {
    return native.toCurl(textOf(this));
  }

  /** Holds the api key. */
  toJSON() {
    return JSON.parse(textOf(this));
  }

  /** What consoles and loggers show: never the api key. */
  [inspect.custom]() {
    const { method, url, operation, eventUuid, timestamp, attempt } = this;
    return { method, url, body: native.redactedBody(textOf(this)), operation, eventUuid, timestamp, attempt };
  }
}

/**
 * The core's text of a request.
 *
 * @param {unknown} request
 * @returns {string}
 */
function textOf(request) {
  const text = request instanceof Request ? texts.get(request) : undefined;
  if (text === undefined) throw new TypeError('not a Request: give what build() returned, or Request.fromJSON(...)');
  return text;
}

module.exports = { Request, textOf };
