import type { DisputeSettings } from '../dispute/dispute.ts';
import type { Currency, Day, Id, Instant } from '../values.ts';

/** A legal entity of the creditor's group. */
export interface Entity {
  id: Id;
  /** As the ledger has it; '' for the single default entity. */
  code: string;
  name: string;
}

/** One creditor company group: the tenant, the unit of isolation. */
export interface Workspace {
  id: Id;
  version: number;
  name: string;
  /** IANA name; days are this zone's. */
  timeZone: string;
  /** Currency in which rankings are compared. */
  currency: Currency;
  /** How many units of the workspace's currency one unit of this one is worth, for ranking only. */
  referenceRates: { [currency: string]: number };
  entities: Entity[];
  demo: boolean;
  createdAt: Instant;
  /** Day of the last applied ledger. */
  ledgerAsOf: Day | null;
  settings: {
    promiseGraceDays: number;
    promiseToleranceCents: number;
    /** Days without a touch after which a case comes first. */
    untouchedDays: number;
    defaultTermsDays: number;
    disputes: DisputeSettings;
  };
}
