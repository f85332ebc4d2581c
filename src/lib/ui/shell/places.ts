import Gauge from '@lucide/svelte/icons/chart-no-axes-column';
import Building from '@lucide/svelte/icons/building-2';
import Inbox from '@lucide/svelte/icons/inbox';
import MessageSquareWarning from '@lucide/svelte/icons/message-square-warning';
import ListTodo from '@lucide/svelte/icons/list-todo';
import Settings from '@lucide/svelte/icons/settings-2';
import type { Component } from 'svelte';
import type { Action } from '#lib/policies/actions.ts';

/** The places of the rail. */
export interface Place {
  id: 'inbox' | 'queue' | 'disputes' | 'accounts' | 'insights' | 'admin';
  href: string;
  /** Addresses under it light it up. */
  under: string;
  icon: Component<{ class?: string }>;
  action: Action;
  keys: string;
}

const INBOX: Place = { id: 'inbox', href: '/inbox', under: '/inbox', icon: Inbox, action: 'task.read', keys: 'G I' };
const QUEUE: Place = {
  id: 'queue',
  href: '/queue/today',
  under: '/queue',
  icon: ListTodo,
  action: 'queue.read',
  keys: 'G Q',
};
const DISPUTES: Place = {
  id: 'disputes',
  href: '/disputes',
  under: '/disputes',
  icon: MessageSquareWarning,
  action: 'dispute.read',
  keys: 'G D',
};
const ACCOUNTS: Place = {
  id: 'accounts',
  href: '/accounts',
  under: '/accounts',
  icon: Building,
  action: 'account.read',
  keys: 'G A',
};
const INSIGHTS: Place = {
  id: 'insights',
  href: '/insights',
  under: '/insights',
  icon: Gauge,
  action: 'insight.read',
  keys: 'G M',
};

/** Of the figures, those of disputes are for everybody who may see disputes. */
const CAUSES: Place = { ...INSIGHTS, href: '/insights/disputes', action: 'dispute.read' };

/** Pages of the settings, in the order in which the first allowed one is opened. */
export const SETTINGS: readonly {
  id: 'imports' | 'einvoices' | 'owners' | 'dispute_rules' | 'members' | 'tokens' | 'webhooks' | 'mails';
  href: string;
  action: Action;
}[] = [
  { id: 'imports', href: '/admin/imports', action: 'import.read' },
  { id: 'einvoices', href: '/admin/imports/einvoices', action: 'einvoice.receive' },
  { id: 'owners', href: '/admin/owners', action: 'owner.distribute' },
  { id: 'dispute_rules', href: '/admin/disputes', action: 'workspace.manage' },
  { id: 'members', href: '/admin/members', action: 'member.manage' },
  { id: 'tokens', href: '/admin/tokens', action: 'token.manage' },
  { id: 'webhooks', href: '/admin/webhooks', action: 'webhook.manage' },
  { id: 'mails', href: '/admin/mails', action: 'mail.read' },
];

/** Where this person may go. */
export function placesFor(may: (action: Action) => boolean): Place[] {
  const places = [INBOX, QUEUE, DISPUTES, ACCOUNTS, may('insight.read') ? INSIGHTS : CAUSES].filter((place) =>
    may(place.action),
  );
  const settings = SETTINGS.find((page) => may(page.action));
  if (settings !== undefined)
    places.push({
      id: 'admin',
      href: settings.href,
      under: '/admin',
      icon: Settings,
      action: settings.action,
      keys: 'G R',
    });
  return places;
}
