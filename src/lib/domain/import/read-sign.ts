import { isCredit, type ItemKind } from '../item/item.ts';
import type { Cents } from '../values.ts';
import { kindFromText } from './read-kind.ts';

export interface SignedAmounts {
  kind: ItemKind;
  /** Debits positive, credits negative or zero. */
  cents: Cents;
  openCents: Cents | null;
}

/**
 * Kind and signs of a line (rule IMP-6). Without a kind the sign tells: an invoice or a credit note; on debit and credit
 * sides, an invoice or another credit. A negative invoice is a credit note, a negative other debit another credit. A
 * credit written without a sign is made negative; one on the debit side is another debit (a payment sent back).
 *
 * @param sided the amount comes from debit and credit columns: its sign is sure
 * @returns null when the kind's text is not known
 */
export function kindAndSigns(
  text: string,
  cents: Cents,
  openCents: Cents | null,
  sided: boolean,
): SignedAmounts | null {
  const told = text.trim() === '' ? null : kindFromText(text);
  if (told === null && text.trim() !== '') return null;
  const kind = told ?? (cents < 0 ? (sided ? 'other_credit' : 'credit_note') : 'invoice');
  if (!isCredit(kind)) {
    if (cents >= 0) return { kind, cents, openCents };
    return asCredit(kind === 'invoice' ? 'credit_note' : 'other_credit', cents, openCents);
  }
  if (sided && cents > 0) return { kind: 'other_debit', cents, openCents };
  return asCredit(kind, cents, openCents);
}

function asCredit(kind: ItemKind, cents: Cents, openCents: Cents | null): SignedAmounts {
  return { kind, cents: negative(cents), openCents: openCents === null ? null : negative(openCents) };
}

function negative(cents: Cents): Cents {
  return cents > 0 ? -cents : cents;
}
