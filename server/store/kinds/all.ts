import type { Kind, Versioned } from '../port.ts';
import { INSTALLATION_KINDS } from './installation.ts';
import { WORKSPACE_KINDS } from './workspace.ts';

/** Every kind the store must know at its start. */
export const ALL_KINDS: readonly Kind<Versioned>[] = [
  ...INSTALLATION_KINDS,
  ...WORKSPACE_KINDS,
] as unknown as Kind<Versioned>[];
