import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { may } from '#lib/policies/may.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { ParsedDocument } from '#lib/protocol/streams.ts';
import { noteDocument, threadDocument } from '#lib/protocol/streams.ts';
import { storeOf, type App } from '#server/app.ts';
import { accessAccount } from '#server/services/access-account.ts';
import { disputes } from '#server/store/kinds/disputes.ts';

/** A document that somebody asks for: what it is, and the account in whose scope it lies. */
export interface Target {
  doc: string;
  kind: ParsedDocument['kind'];
  audience: Audience;
  accountId: Id;
}

/** Finds what a name stands for; null when there is nothing there, or nothing for this role. No document is read. */
export async function targetOf(app: App, actor: Actor, named: ParsedDocument): Promise<Target | null> {
  const { kind, audience } = named;
  if (!mayReadAudience(actor, audience)) return null;
  if (kind === 'note')
    return { doc: noteDocument(named.accountId, audience), kind, audience, accountId: named.accountId };
  const dispute = await storeOf(app, actor).docs(disputes).get(named.disputeId);
  if (dispute === null) return null;
  return { doc: threadDocument(named.disputeId, audience), kind, audience, accountId: dispute.accountId };
}

/** Whether somebody may read it now: by role, audience and the account's scope. */
export async function mayRead(app: App, actor: Actor, { kind, audience, accountId }: Target): Promise<boolean> {
  if (!mayReadAudience(actor, audience)) return false;
  try {
    await accessAccount(storeOf(app, actor), actor, accountId, kind === 'note' ? 'note.read' : 'thread.read');
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Whether they may write in what they may read. */
export function mayWrite(actor: Actor, { kind, audience }: Target): boolean {
  if (kind === 'note' && audience === 'internal') return may(actor, 'note.write');
  return mayWriteAudience(actor, audience);
}
