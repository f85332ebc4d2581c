import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyAccountEvent } from '#lib/client/apply/account.ts';
import { applyDisputeEvent } from '#lib/client/apply/dispute.ts';
import { Connection } from '#lib/client/connection.svelte.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { DisputeSheet } from '#lib/protocol/views/dispute.ts';
import type { AccountSheet } from '#lib/protocol/views/views.ts';
import { accountSheet } from '#server/queries/account-sheet.ts';
import { disputeSheet } from '#server/queries/dispute-sheet.ts';
import { NO_META } from '#server/services/command.ts';
import { answerDispute } from '#server/services/disputes/answer-dispute.ts';
import { approveResolution } from '#server/services/disputes/approve-resolution.ts';
import { assignDispute } from '#server/services/disputes/assign-dispute.ts';
import { changeDispute } from '#server/services/disputes/change-dispute.ts';
import { closeDispute } from '#server/services/disputes/close-dispute.ts';
import { openDispute } from '#server/services/disputes/open-dispute.ts';
import { qualifyDispute } from '#server/services/disputes/qualify-dispute.ts';
import { reopenDispute } from '#server/services/disputes/reopen-dispute.ts';
import { resolveDispute } from '#server/services/disputes/resolve-dispute.ts';
import { resumeDispute } from '#server/services/disputes/resume-dispute.ts';
import { waitDispute } from '#server/services/disputes/wait-dispute.ts';
import { items } from '#server/store/kinds/workspace.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
let reader: SignedIn;
let ana: Actor;
let max: Actor;
let line: Connection;

beforeEach(async () => {
  house = await openRealtime();
  reader = await house.person({ role: 'finance' });
  ana = actorFor((await house.person()).member);
  max = actorFor((await house.person({ role: 'manager' })).member);
  line = new Connection();
  await line.start({ url: house.url, headers: { cookie: reader.cookie, origin: house.url } });
});
afterEach(async () => {
  line.stop();
  await house.close();
});

const sorted = <T extends { id: string }>(list: readonly T[]): T[] => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
/** Messages come by the streams of their audiences. */
const internal = (events: readonly WireEvent[]): string[] =>
  events.filter(({ stream }) => stream.endsWith(':internal')).map(({ id }) => id);
/** What the account's stream keeps up; the threads follow their own, the strip is asked for anew. */
const facts = ({ threads: _threads, strip: _strip, timeline, account, ...rest }: DisputeSheet): object => ({
  ...rest,
  account: { ...account, balances: sorted(account.balances), contacts: sorted(account.contacts) },
  events: internal(timeline.events),
});
const whole = ({ timeline, balances, ...rest }: AccountSheet): object => ({
  ...rest,
  balances: balances.filter(({ openItems }) => openItems > 0),
  events: internal(timeline.events),
});

describe('[C2] the dispute’s screen', () => {
  it('[C2] after every step equals the same screen loaded anew, and so does the account’s', async () => {
    const { app, workspace } = house;
    const account = await buildAccount(app, workspace, {
      openItems: [
        { cents: 1_000_000, dueDay: '2026-02-01', number: 'F1' },
        { cents: 80_000, dueDay: '2026-03-17', number: 'F2' },
      ],
    });
    const store = app.store.workspace(workspace.id);
    const open = await store.docs(items).find({ accountId: account.id, state: 'open' }, { sort: ['dueDay'], limit: 9 });
    const [first, second] = open.docs;
    if (first === undefined || second === undefined) throw new Error('no items');
    const who = actorFor(reader.member);
    const opening = {
      accountId: account.id,
      items: [
        { itemId: first.id, cents: 240_000 },
        { itemId: second.id, cents: null },
      ],
      reason: 'quality' as const,
      detail: 'Deux palettes abîmées',
      department: null,
      memberId: null,
    };
    const onAccount = { sheet: await accountSheet(app, who, { id: account.id }), refetches: 0 };
    line.watch(accountStream(account.id), onAccount.sheet.seq, {
      event: (event) => {
        const next = applyAccountEvent(onAccount.sheet, event);
        if (next === 'refetch') onAccount.refetches += 1;
        else onAccount.sheet = next;
      },
      refetch: () => Promise.resolve(onAccount.sheet.seq),
    });
    const { id } = await openDispute(app, ana, opening, NO_META);
    const load = (): Promise<DisputeSheet> => disputeSheet(app, who, { id, from: null });
    const onDispute = { sheet: await load(), refetches: 0 };
    line.watch(accountStream(account.id), onDispute.sheet.seq, {
      event: (event) => {
        const next = applyDisputeEvent(onDispute.sheet, event);
        if (next === 'refetch') onDispute.refetches += 1;
        else onDispute.sheet = next;
      },
      refetch: () => Promise.resolve(onDispute.sheet.seq),
    });
    const parts = { paidCents: 0, replacementCents: 0, writeOffCents: 0, withdrawnCents: 0 };
    const amount = (): number => onDispute.sheet.dispute.disputedCents;
    const steps: [string, () => Promise<unknown>][] = [
      ['qualify', () => qualifyDispute(app, ana, { id, reason: 'price', department: null, memberId: null }, NO_META)],
      [
        'assign',
        () => assignDispute(app, ana, { id, department: 'quality', memberId: null, ask: 'Fondée ?' }, NO_META),
      ],
      [
        'change',
        () =>
          changeDispute(app, ana, { id, items: [{ itemId: first.id, cents: 240_000 }], detail: 'Une seule' }, NO_META),
      ],
      ['wait', () => waitDispute(app, ana, { id, until: '2026-03-20', reason: 'Photos' }, NO_META)],
      ['resume', () => resumeDispute(app, ana, { id }, NO_META)],
      [
        'answer',
        () => answerDispute(app, max, { id, decision: 'accepted', rootCause: 'carrier', text: 'Oui' }, NO_META),
      ],
      [
        'resolve, with a second person',
        async () => {
          const split = { ...parts, writeOffCents: amount(), creditNoteCents: 0, rejectedCents: 0 };
          await resolveDispute(app, ana, { id, parts: split, rootCause: null, answer: null }, NO_META);
        },
      ],
      ['refuse', () => approveResolution(app, max, { id, agree: false, reason: 'Non' }, NO_META)],
      [
        'resolve',
        () => {
          const split = { ...parts, creditNoteCents: 180_000, rejectedCents: amount() - 180_000 };
          return resolveDispute(app, ana, { id, parts: split, rootCause: null, answer: 'Le reste est dû.' }, NO_META);
        },
      ],
      ['reopen', () => reopenDispute(app, ana, { id, reason: 'Le client revient' }, NO_META)],
      [
        'withdrawn',
        () => {
          const split = { ...parts, withdrawnCents: amount(), creditNoteCents: 0, rejectedCents: 0 };
          return resolveDispute(app, ana, { id, parts: split, rootCause: null, answer: null }, NO_META);
        },
      ],
      ['close', () => closeDispute(app, ana, { id, reason: null }, NO_META)],
    ];
    for (const [what, step] of steps) {
      await step();
      const head = await store.journal.head(accountStream(account.id));
      await until(() => onDispute.sheet.seq === head.seq && onAccount.sheet.seq === head.seq, `${what} is shown`);
      expect(facts(onDispute.sheet), what).toEqual(facts(await load()));
      expect(whole(onAccount.sheet), what).toEqual(whole(await accountSheet(app, who, { id: account.id })));
    }
    expect([onDispute.refetches, onAccount.refetches]).toEqual([0, 0]);
    expect(onDispute.sheet.dispute.state).toBe('closed');
  });
});
