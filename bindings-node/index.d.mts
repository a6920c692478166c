/**
 * The types of index.d.ts, as `import` finds them.
 *
 * @packageDocumentation
 */

import * as hogwire from './index.js';

export * from './index.js';
export default hogwire;
