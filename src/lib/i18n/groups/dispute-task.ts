import { group } from '../words.ts';

/** What Encours itself asks a department for in the course of a dispute. */
export const disputeTask = group({
  fr: {
    credit_note: 'Établir un avoir de {amount} : litige {number}, pièces {items}',
  },
  en: {
    credit_note: 'Make a credit note of {amount}: dispute {number}, items {items}',
  },
});
