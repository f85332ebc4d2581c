import { disputesMigration } from '#server/store/migrations/disputes.ts';
import type { Migration } from '#server/store/migrations/migration.ts';

/** In order, without gap, from 2 on; the last one's `to` is SCHEMA_VERSION. */
export const MIGRATIONS: readonly Migration[] = [disputesMigration];
