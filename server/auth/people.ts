import type { Actor, Locale, Role } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { acceptInvitationInput, setUpInput, signInInput } from '#lib/protocol/commands/member.ts';
import type { App } from '../app.ts';
import { parseInput } from '../api/run.ts';
import { acceptInvitation, readInvitation, type InvitationView } from '../services/members/accept-invitation.ts';
import type { SignedIn, Visitor } from '../services/sessions/enter.ts';
import { needsSetUp, prepareSetUp, setUp } from '../services/sessions/set-up.ts';
import { signIn, signInAs } from '../services/sessions/sign-in.ts';
import { signOut, signOutEverywhere } from '../services/sessions/sign-out.ts';
import { members, workspaces } from '../store/kinds/installation.ts';
import { activeMembers } from './actor.ts';
import { actorFor, authenticate, type Authenticated } from './authenticate.ts';
import type { CookieToSet } from './cookies.ts';
import { createRequestMeter } from './throttle.ts';

/** Somebody whom the sign-in page of a demonstration offers. */
export interface DemoPerson {
  id: Id;
  name: string;
  role: Role;
  locale: Locale;
}

/** Everything about who comes in: for those parts of the site where nobody is known yet, and for each request's start. */
export interface People {
  authenticate(headers: {
    cookie?: string | null | undefined;
    authorization?: string | null | undefined;
  }): Promise<Authenticated | null>;
  actorFor(memberId: Id, credentialId: Id): Promise<Actor | null>;
  /** Counts a request against its session or token. @throws AppError `too_many_requests` */
  countRequest(credentialId: Id): Promise<void>;
  /** Whether there is a workspace at all. */
  isSetUp(): Promise<boolean>;
  /** Makes and answers the one-time code to print; null when there is a workspace. */
  prepareSetUp(): Promise<string | null>;
  /** Who can be chosen by a click; empty outside demonstrations. */
  demoPeople(): Promise<DemoPerson[]>;
  /** The following take input as it came, refuse it with `validation_failed`, and answer cookies to set. */
  signIn(input: unknown, visitor: Visitor): Promise<SignedIn>;
  signInAs(memberId: string, visitor: Visitor): Promise<SignedIn>;
  setUp(input: unknown, visitor: Visitor): Promise<SignedIn>;
  readInvitation(token: string): Promise<InvitationView | null>;
  acceptInvitation(input: unknown, visitor: Visitor): Promise<SignedIn>;
  signOut(actor: Actor): Promise<CookieToSet[]>;
  signOutEverywhere(actor: Actor): Promise<CookieToSet[]>;
}

export function openPeople(app: App): People {
  const meter = createRequestMeter(app.config.requestLimit);
  let setUpOnce = false;
  return {
    authenticate: (headers) => authenticate(app, headers),
    actorFor: (memberId, credentialId) => actorFor(app, memberId, credentialId),
    countRequest: (credentialId) => meter.count(credentialId),
    async isSetUp() {
      // Once true it stays true: every visitor without a session asks.
      setUpOnce ||= !(await needsSetUp(app));
      return setUpOnce;
    },
    prepareSetUp: () => prepareSetUp(app),
    demoPeople: () => demoPeople(app),
    signIn: async (input, visitor) => signIn(app, parseInput(signInInput, input), visitor),
    signInAs: (memberId, visitor) => signInAs(app, memberId, visitor),
    setUp: async (input, visitor) => setUp(app, parseInput(setUpInput, input), visitor),
    readInvitation: (token) => readInvitation(app, token),
    acceptInvitation: async (input, visitor) =>
      acceptInvitation(app, parseInput(acceptInvitationInput, input), visitor),
    signOut: (actor) => signOut(app, actor),
    signOutEverywhere: (actor) => signOutEverywhere(app, actor),
  };
}

const ORDER: readonly Role[] = ['collector', 'sales', 'quality', 'adv', 'logistics', 'accounting', 'manager'];

async function demoPeople(app: App): Promise<DemoPerson[]> {
  const found: DemoPerson[] = [];
  for await (const workspace of app.store.installation.docs(workspaces).each({})) {
    if (!workspace.demo) continue;
    for (const { id, name, role, locale } of await activeMembers(app.store.installation.docs(members), workspace.id))
      found.push({ id, name, role, locale });
  }
  return found.sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role) || a.name.localeCompare(b.name, 'fr'));
}
