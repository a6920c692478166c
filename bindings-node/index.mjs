/**
 * The same surface as index.js, by name, for `import`.
 */

import hogwire from './index.js';

export const {
  Client,
  ConfigError,
  Outcome,
  Queue,
  Receipt,
  Report,
  Request,
  build,
  interpret,
  uuidFrom,
  version,
  ERROR_CODES,
  DELIVERIES,
  FINDING_CODES,
  WARNING_CODES,
  DROP_REASONS,
  QUEUE_OPTIONS,
  OPERATIONS,
} = hogwire;

export default hogwire;
