import type { ItemKind } from '../item/item.ts';
import { foldText } from '../text/fold.ts';

/** Exact spellings, folded, letters and digits only. */
const KINDS: Record<ItemKind, string> = {
  invoice:
    'facture factures fac fact fa fc f fv fve invoice inv in facturedoit doit facturevente factureclient salesinvoice customerinvoice rv dr outinvoice 380 facturedacompte factureacompte facturesituation facturerectificative 384 386 debitnote notededebit 383 nd ve vt vte vente',
  credit_note:
    'avoir avoirs av avo avr a creditnote creditmemo cn cm cr notedecredit nc dg outrefund 381 factureavoir avoirclient refund crn rfa remise ristourne',
  payment:
    'reglement reglements rg rgt reg r paiement paiements encaissement enc virement vir cheque chq prelevement prlv payment pay py pmt receipt rc cash dz lcr effet traite bq banque unallocatedpayment acompterecu avance carte cb',
  other_debit:
    'od ods operationdiverse operationsdiverses impaye impayes imp rejet penalite penalites frais an anouveau anouveaux reportanouveau ran otherdebit debit latefee adjustment ajustement ecart journalentry je ab entry chargeback interest interets',
  other_credit: 'othercredit credit writeoff passageenperte perte escompte discount compensation',
};

const KIND_OF = new Map<string, ItemKind>(
  Object.entries(KINDS).flatMap(([kind, spellings]) =>
    spellings.split(' ').map((text): [string, ItemKind] => [text, kind as ItemKind]),
  ),
);

/** Beginnings that decide when a text has more behind: "Facture n° 12", "Avoir sur retour". */
const BEGINNINGS: readonly [string, ItemKind][] = [
  ['facture', 'invoice'],
  ['invoice', 'invoice'],
  ['avoir', 'credit_note'],
  ['credit note', 'credit_note'],
  ['credit memo', 'credit_note'],
  ['note de credit', 'credit_note'],
  ['reglement', 'payment'],
  ['paiement', 'payment'],
  ['encaissement', 'payment'],
  ['payment', 'payment'],
  ['virement', 'payment'],
  ['cheque', 'payment'],
  ['impaye', 'other_debit'],
  ['penalite', 'other_debit'],
  ['operation', 'other_debit'],
];

/** Kind of an item from what ledgers write (rule IMP-6); null when it is not known. */
export function kindFromText(text: string): ItemKind | null {
  const folded = foldText(text).trim();
  const exact = KIND_OF.get(folded.replace(/[^\p{L}\p{N}]+/gu, ''));
  if (exact !== undefined) return exact;
  return BEGINNINGS.find(([beginning]) => folded.startsWith(beginning))?.[1] ?? null;
}

const NO = new Set([
  '',
  ...'no non n 0 false faux f aucun aucune none ras ok nonlitigieux sanslitige nodispute notdisputed clos closed resolu resolved solde null na noncede noncedee'.split(
    ' ',
  ),
]);
const YES = new Set(
  'yes oui o y 1 true vrai v t x litige enlitige litigieux litigieuse disputed dispute indispute conteste contestee contested bloque bloquee ouvert open encours l d cede cedee factor affacture affacturee factored assigned'.split(
    ' ',
  ),
);

/**
 * A yes or no (rule IMP-7), `null` when the text is neither: in a column of disputes or of the factor any other text
 * (a reason, a name) means yes and is reported.
 */
export function readFlag(text: string): boolean | null {
  const folded = foldText(text).replace(/[^\p{L}\p{N}]+/gu, '');
  if (NO.has(folded)) return false;
  return YES.has(folded) ? true : null;
}
