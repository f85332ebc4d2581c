/** What a person chose for this browser; kept in cookies so that the first byte of HTML already has it (no flash). */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const DENSITIES = ['comfortable', 'compact'] as const;
export type Density = (typeof DENSITIES)[number];

export interface Preferences {
  theme: Theme;
  density: Density;
  /** One-letter shortcuts may be switched off (WCAG 2.1.4). */
  shortcuts: boolean;
}

export const THEME_COOKIE = 'theme';
export const DENSITY_COOKIE = 'density';
export const SHORTCUTS_COOKIE = 'shortcuts';

/** Preferences from the cookies' raw values; anything unknown is the default. */
export function preferencesFrom(read: (name: string) => string | undefined): Preferences {
  const theme = read(THEME_COOKIE);
  const density = read(DENSITY_COOKIE);
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    density: density === 'compact' ? 'compact' : 'comfortable',
    shortcuts: read(SHORTCUTS_COOKIE) !== 'off',
  };
}

/** Fills the places of app.html: language, theme and density of the document. */
export function fillDocument(html: string, locale: string, preferences: Preferences): string {
  return html
    .replace('%encours.lang%', locale)
    .replace('%encours.theme%', preferences.theme)
    .replace('%encours.density%', preferences.density);
}
