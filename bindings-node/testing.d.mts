/**
 * The types of testing.d.ts, as `import` finds them.
 *
 * @packageDocumentation
 */

import * as testing from './testing.js';

export * from './testing.js';
export default testing;
