import type { Id, Instant } from '../values.ts';

export const VIEW_SCREENS = ['queue', 'disputes'] as const;
export type ViewScreen = (typeof VIEW_SCREENS)[number];

/** Stands where an owner's id stands: the view is everybody's. */
export const TEAM = 'team';

/** Filters, sort and columns under a name: the address's query of a screen. */
export interface SavedView {
  id: Id;
  version: number;
  screen: ViewScreen;
  name: string;
  /** `view=mine&sort=overdue…`, as in the address, without `?`. */
  query: string;
  /** A member's id, or `team`. */
  ownerId: string;
  createdBy: Id;
  createdAt: Instant;
}
