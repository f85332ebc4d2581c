import * as v from 'valibot';
import { IMPORT_FIELDS } from '#lib/domain/import/import.ts';
import { columnKey } from '#lib/domain/import/known-columns.ts';
import { currency, day, id } from './common.ts';

export const importMapping = v.object({
  delimiter: v.picklist([',', ';', '\t', '|']),
  encoding: v.picklist(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
  decimal: v.picklist(['.', ',']),
  dateOrder: v.picklist(['dmy', 'mdy', 'ymd']),
  complete: v.boolean(),
  columns: v.pipe(
    v.record(v.pipe(v.string(), v.maxLength(200)), v.nullable(v.picklist(IMPORT_FIELDS))),
    v.transform((columns) =>
      Object.fromEntries(Object.entries(columns).map(([name, field]) => [columnKey(name), field])),
    ),
  ),
  defaultCurrency: currency,
});
/** The file is the request's raw body; these stand in the query. Mapping left out: detected, or the one saved for the same columns. */
export const stageImportInput = v.object({
  kind: v.optional(v.picklist(['ledger']), 'ledger'),
  asOf: v.optional(v.nullable(day), null),
  fileName: v.optional(v.pipe(v.string(), v.maxLength(200)), 'ledger.csv'),
  mapping: v.optional(v.nullable(importMapping), null),
});
/** `excludeRefused`: the user leaves the refused lines out by name. `confirmOlder`: the file is older than the last one. */
export const applyImportInput = v.object({
  id,
  excludeRefused: v.optional(v.boolean(), false),
  confirmOlder: v.optional(v.boolean(), false),
});
/** Reads the received file again, under a corrected mapping or for another day. */
export const remapImportInput = v.object({ id, mapping: importMapping, asOf: day });
export const discardImportInput = v.object({ id });

/** Rules by which accounts without an owner are given out. */
export const distributeOwnersInput = v.object({
  rule: v.variant('by', [
    v.object({ by: v.literal('evenly'), memberIds: v.pipe(v.array(id), v.minLength(1)) }),
    v.object({ by: v.literal('size'), memberIds: v.pipe(v.array(id), v.minLength(1)) }),
    v.object({
      by: v.literal('letters'),
      ranges: v.pipe(
        v.array(
          v.object({ from: v.pipe(v.string(), v.maxLength(3)), to: v.pipe(v.string(), v.maxLength(3)), memberId: id }),
        ),
        v.minLength(1),
      ),
    }),
    v.object({
      by: v.literal('entity'),
      entities: v.pipe(v.array(v.object({ entityId: id, memberId: id })), v.minLength(1)),
    }),
  ]),
  preview: v.optional(v.boolean(), true),
});

export type StageImportInput = v.InferOutput<typeof stageImportInput>;
export type ApplyImportInput = v.InferOutput<typeof applyImportInput>;
export type DistributeOwnersInput = v.InferOutput<typeof distributeOwnersInput>;
