import * as v from 'valibot';
import { id, text } from './common.ts';
import { after, limit, search } from './pages.ts';

/** A life-cycle message as text; a raw XML body does the same without the envelope. */
export const receiveEinvoiceInput = v.object({
  xml: v.pipe(
    v.string(),
    v.check((text) => text.isWellFormed(), 'lone_surrogate'),
    v.nonEmpty('empty'),
  ),
});

/** In the query of a raw body: the file's own name. */
export const einvoiceFileInput = v.object({
  name: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => text.isWellFormed(), 'lone_surrogate'),
      v.maxLength(300, 'too_long'),
    ),
    'einvoice.xml',
  ),
});

/** `unmatched`: those that wait for their invoice; `contests`: disputed or refused; `set_aside`: that a person put away. */
export const EINVOICE_VIEWS = ['unmatched', 'contests', 'set_aside', 'everything'] as const;
export type EinvoiceView = (typeof EINVOICE_VIEWS)[number];

export const einvoiceListInput = v.object({
  view: v.optional(v.picklist(EINVOICE_VIEWS), 'everything'),
  itemId: v.optional(id),
  limit: limit(200, 50),
  after,
});
export type EinvoiceListInput = v.InferOutput<typeof einvoiceListInput>;

/** Invoices that a waiting status may speak of: without words those that are near it. */
export const einvoiceCandidatesInput = v.object({ id, search });
export type EinvoiceCandidatesInput = v.InferOutput<typeof einvoiceCandidatesInput>;

/** `itemId`: any instalment of the invoice; all of them are meant. */
export const matchEinvoiceInput = v.object({ id, itemId: id });
export type MatchEinvoiceInput = v.InferOutput<typeof matchEinvoiceInput>;

export const setEinvoiceAsideInput = v.object({ id, reason: text(500) });
export type SetEinvoiceAsideInput = v.InferOutput<typeof setEinvoiceAsideInput>;
