// The exchanges by group.
import type { Exchange } from '../exchange.js';
import { BULK_WRITE_EXCHANGES } from './bulk-write.js';
import { COLLATION_EXCHANGES } from './collation.js';
import { CURSOR_EXCHANGES } from './cursors.js';
import { FIELD_EXCHANGES } from './fields.js';
import { FOUND_EXCHANGES } from './found.js';
import { LIMIT_EXCHANGES } from './limits.js';
import { STATISTICS_EXCHANGES } from './statistics.js';
import { TIMESTAMP_EXCHANGES } from './timestamps.js';
import { VALIDATE_EXCHANGES } from './validate.js';

export const EXCHANGES: Readonly<Record<string, readonly Exchange[]>> = {
  'bulk-write': BULK_WRITE_EXCHANGES,
  collation: COLLATION_EXCHANGES,
  cursors: CURSOR_EXCHANGES,
  fields: FIELD_EXCHANGES,
  found: FOUND_EXCHANGES,
  limits: LIMIT_EXCHANGES,
  statistics: STATISTICS_EXCHANGES,
  timestamps: TIMESTAMP_EXCHANGES,
  validate: VALIDATE_EXCHANGES,
};
