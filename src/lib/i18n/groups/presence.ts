import { group } from '../words.ts';

/** Who is where. */
export const presence = group({
  fr: {
    here: 'Présents',
    viewing: '{name} consulte',
    writing: '{name} écrit',
    nobody: 'Personne d’autre ici',
  },
  en: {
    here: 'Here now',
    viewing: '{name} is viewing',
    writing: '{name} is writing',
    nobody: 'Nobody else here',
  },
});
