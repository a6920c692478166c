'use strict';
/**
 * hogwire for Node: PostHog with an answer for every call. The whole public surface; types and documentation stand in index.d.ts.
 */

const { catalogue } = require('./lib/native.js');
const { Client } = require('./lib/client.js');
const { ConfigError } = require('./lib/errors.js');
const { Outcome } = require('./lib/outcome.js');
const { camelCase } = require('./lib/options.js');
const { build, interpret, uuidFrom } = require('./lib/pure.js');
const { Queue } = require('./lib/queue.js');
const { Receipt } = require('./lib/receipt.js');
const { Report } = require('./lib/report.js');
const { Request } = require('./lib/request.js');

exports.Client = Client;
exports.ConfigError = ConfigError;
exports.Outcome = Outcome;
exports.Queue = Queue;
exports.Receipt = Receipt;
exports.Report = Report;
exports.Request = Request;
exports.build = build;
exports.interpret = interpret;
exports.uuidFrom = uuidFrom;
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
