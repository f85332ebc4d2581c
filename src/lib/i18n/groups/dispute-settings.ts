import { group } from '../words.ts';

/** Rules of disputes that a workspace sets for itself. */
export const disputeSettings = group({
  fr: {
    title: 'Règles des litiges',
    about: 'Elles valent pour les litiges à venir ; ceux qui sont ouverts gardent leur service et leurs échéances.',
    departments: 'Service qui règle chaque motif',
    usual: 'service habituel : {department}',
    limits: 'Second accord',
    limits_about: 'Au-dessus, une seconde personne (responsable, finance) doit donner son accord.',
    credit_note_limit: 'Avoir, à partir de',
    write_off_limit: 'Passage en perte, à partir de',
    days: 'Délais, en jours ouvrés',
    qualify_days: 'Pour qualifier',
    answer_days: 'Pour la réponse du service',
    resolve_days: 'Pour résoudre',
    save: 'Enregistrer',
    saved: 'Règles enregistrées.',
  },
  en: {
    title: 'Rules of disputes',
    about: 'They hold for disputes to come; open ones keep their department and their deadlines.',
    departments: 'Department that settles each reason',
    usual: 'usual department: {department}',
    limits: 'Second agreement',
    limits_about: 'Above it, a second person (manager, finance) must agree.',
    credit_note_limit: 'Credit note, from',
    write_off_limit: 'Write-off, from',
    days: 'Time allowed, in working days',
    qualify_days: 'To qualify',
    answer_days: 'For the department’s answer',
    resolve_days: 'To resolve',
    save: 'Save',
    saved: 'Rules saved.',
  },
});
