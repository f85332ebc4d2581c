import { group } from '../words.ts';

/** Filters kept under a name. */
export const view = group({
  fr: {
    views: 'Vues enregistrées',
    save: 'Enregistrer la vue',
    save_title: 'Enregistrer ces filtres',
    save_about: 'Les filtres et le tri du moment, sous un nom. Le même nom remplace la vue d’avant.',
    name: 'Nom de la vue',
    for_me: 'Pour moi',
    for_team: 'Pour toute l’équipe',
    team: 'équipe',
    more: 'Modifier la vue {name}',
    replace: 'Remplacer par les filtres du moment',
    remove: 'Supprimer',
    saved: 'Vue enregistrée.',
    removed: 'Vue supprimée.',
    nothing: 'Choisissez d’abord un filtre ou un tri.',
  },
  en: {
    views: 'Saved views',
    save: 'Save the view',
    save_title: 'Save these filters',
    save_about: 'The present filters and sort, under a name. The same name replaces the view before.',
    name: 'Name of the view',
    for_me: 'For me',
    for_team: 'For the whole team',
    team: 'team',
    more: 'Change the view {name}',
    replace: 'Replace by the present filters',
    remove: 'Remove',
    saved: 'View saved.',
    removed: 'View removed.',
    nothing: 'Choose a filter or a sort first.',
  },
});
