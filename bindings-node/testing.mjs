/**
 * The same surface as testing.js, by name, for `import`.
 */

import testing from './testing.js';

export const { recordingTransport } = testing;

export default testing;
