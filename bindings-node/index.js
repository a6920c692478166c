'use strict';
/**
 * hogwire for Node: PostHog with an answer for every call. The whole public surface; types and documentation stand in index.d.ts.
 */

const { catalogue } = require('./lib/native.js');
const { Client } = require('./lib/client.js');
const { ConfigError } = require('./lib/errors.js');
const { Outcome } = require('./lib/outcome.js');
const { camelCase } = require('./lib/options.js');

exports.Client = Client;
exports.ConfigError = ConfigError;
exports.Outcome = Outcome;
// Programs start sooner: what they do not use is not read. A queue's files are when the first one is made, or one of these is asked for.
for (const [name, load] of Object.entries({
  Queue: () => require('./lib/queue.js').Queue,
  Receipt: () => require('./lib/receipt.js').Receipt,
  Report: () => require('./lib/report.js').Report,
  Request: () => require('./lib/request.js').Request,
  build: () => require('./lib/own_http.js').build,
  interpret: () => require('./lib/own_http.js').interpret,
  uuidFrom: () => require('./lib/own_http.js').uuidFrom,
})) {
  Object.defineProperty(exports, name, { get: load, enumerable: true, configurable: true });
}
exports.version = catalogue.version;
exports.ERROR_CODES = Object.freeze(catalogue.errorCodes);
exports.DELIVERIES = Object.freeze(catalogue.deliveries);
exports.FINDING_CODES = Object.freeze(catalogue.findings);
exports.WARNING_CODES = Object.freeze(catalogue.warnings);
exports.DROP_REASONS = Object.freeze(catalogue.dropReasons);
exports.QUEUE_OPTIONS = Object.freeze(catalogue.queueOptions.map(camelCase));
exports.OPERATIONS = Object.freeze(
  Object.fromEntries(
    Object.entries(catalogue.operations).map(([name, parameters]) => [name, Object.freeze(Object.values(parameters))]),
  ),
);
