'use strict';
/**
 * The native addon, and the lists of words it publishes. The only file that knows where the addon lies.
 */

const native = require('../hogwire.node');

/**
 * @type {{
 *   version: string,
 *   options: string[],
 *   queueOptions: string[],
 *   operations: Record<string, Record<string, string>>,
 *   errorCodes: string[],
 *   deliveries: string[],
 *   findings: string[],
 *   warnings: string[],
 *   dropReasons: string[],
 * }}
 */
const catalogue = JSON.parse(native.catalogue());

module.exports = { native, catalogue };
