'use strict';
/**
 * Outcome: what happened to one call, as the core told it. Only spelling happens here.
 */

/** What happened to one call; frozen. */
class Outcome {
  /** @param {Record<string, any>} told in PascalCase, as {@link Outcome.toJSON} gives it */
  constructor(told) {
    this.data = told.Data;
    this.originalStatusCode = told.OriginalStatusCode;
    this.statusCode = told.StatusCode;
    this.errorMessage = told.ErrorMessage;
    this.errorCode = told.ErrorCode;
    this.delivery = told.Delivery;
    this.retryable = told.Retryable;
    this.retryAfterMs = told.RetryAfterMs;
    this.attempts = told.Attempts;
    this.eventUuid = told.EventUuid;
    this.findings = findings(told.Findings);
    this.warnings = findings(told.Warnings);
    Object.freeze(this);
  }

  /** Whether `statusCode` is 200. */
  get ok() {
    return this.statusCode === 200;
  }

  toJSON() {
    return {
      Data: this.data,
      OriginalStatusCode: this.originalStatusCode,
      StatusCode: this.statusCode,
      ErrorMessage: this.errorMessage,
      ErrorCode: this.errorCode,
      Delivery: this.delivery,
      Retryable: this.retryable,
      RetryAfterMs: this.retryAfterMs,
      Attempts: this.attempts,
      EventUuid: this.eventUuid,
      Findings: this.findings.map(inPascalCase),
      Warnings: this.warnings.map(inPascalCase),
    };
  }
}

/** Shared by the outcomes of all calls that nothing is to be said about. @type {ReadonlyArray<any>} */
const NONE = Object.freeze([]);

/** @param {any[]} told */
function findings(told) {
  return told.length === 0 ? NONE : Object.freeze(told.map(finding));
}

/** @param {{ Code: string, Parameter: string, Message: string }} told */
function finding({ Code, Parameter, Message }) {
  return Object.freeze({ code: Code, parameter: Parameter, message: Message });
}

/** @param {{ code: string, parameter: string, message: string }} finding */
function inPascalCase({ code, parameter, message }) {
  return { Code: code, Parameter: parameter, Message: message };
}

module.exports = { NONE, Outcome, findings, inPascalCase };
