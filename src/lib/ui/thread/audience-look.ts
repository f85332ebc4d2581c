import Building from '@lucide/svelte/icons/building-2';
import Handshake from '@lucide/svelte/icons/handshake';
import LockKeyhole from '@lucide/svelte/icons/lock-keyhole';
import UsersRound from '@lucide/svelte/icons/users-round';
import type { Component } from 'svelte';
import type { Audience } from '#lib/domain/thread/audience.ts';

/** How an audience is told apart from the others: by its sign, its colours and, beside them, words. */
export interface AudienceLook {
  icon: Component<{ class?: string }>;
  /** Of a banner. */
  soft: string;
  /** Of a line that runs along what is written for it. */
  edge: string;
}

export const AUDIENCE_LOOK: Record<Audience, AudienceLook> = {
  internal: { icon: UsersRound, soft: 'bg-sunken text-ink-2', edge: 'border-line-strong' },
  credit: { icon: LockKeyhole, soft: 'bg-info-soft text-info', edge: 'border-info' },
  customer: { icon: Building, soft: 'bg-warn-soft text-warn', edge: 'border-warn' },
  partner: { icon: Handshake, soft: 'bg-warn-soft text-warn', edge: 'border-warn' },
};
