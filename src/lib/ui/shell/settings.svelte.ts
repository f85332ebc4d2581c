import { getContext, setContext } from 'svelte';
import {
  DENSITY_COOKIE,
  SHORTCUTS_COOKIE,
  THEME_COOKIE,
  type Density,
  type Preferences,
  type Theme,
} from '#lib/protocol/preferences.ts';
import { keepPreference } from '../keep-preference.ts';

const SETTINGS = Symbol('settings');

/** Theme, density and shortcuts of this browser: changed here, kept in cookies, on the document at once. */
export class ScreenSettings {
  theme = $state<Theme>('system');
  density = $state<Density>('comfortable');
  shortcuts = $state(true);

  constructor(preferences: Preferences) {
    this.theme = preferences.theme;
    this.density = preferences.density;
    this.shortcuts = preferences.shortcuts;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
    keepPreference(THEME_COOKIE, theme);
  }
  setDensity(density: Density): void {
    this.density = density;
    document.documentElement.dataset['density'] = density;
    keepPreference(DENSITY_COOKIE, density);
  }
  setShortcuts(on: boolean): void {
    this.shortcuts = on;
    keepPreference(SHORTCUTS_COOKIE, on ? 'on' : 'off');
  }
}

/** The root layout gives it once. */
export function provideSettings(settings: ScreenSettings): ScreenSettings {
  return setContext(SETTINGS, settings);
}

export function useSettings(): ScreenSettings {
  const settings = getContext<ScreenSettings | undefined>(SETTINGS);
  if (settings === undefined) throw new Error('no settings on this screen');
  return settings;
}
