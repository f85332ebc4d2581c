import type { Actor } from '#lib/domain/member/member.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import { ACTIONS } from '#lib/policies/actions.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { appendFacts, memberFact } from '../../auth/facts.ts';
import { digestOf, newSecret } from '../../auth/secrets.ts';
import { apiTokens, type ApiTokenDoc } from '../../store/kinds/installation.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta } from '../command.ts';
import { memberIn } from '../members/member-records.ts';

export interface CreateTokenInput {
  name: string;
  /** What it may do, at most what its member may; null: all of that. */
  actions: string[] | null;
  /** Last day (UTC) that it works; null: until it is revoked. */
  expiresOn: Day | null;
}

export interface TokenAnswer {
  id: Id;
  version: number;
  hint: string;
  /** Told once; null when an idempotency key is used again: the secret was not kept. */
  secret: string | null;
}

/**
 * Makes an API token that speaks for the actor, with the rights that the actor has at each moment.
 *
 * @throws AppError forbidden; validation_failed for an unknown action, one that a restricted token does not have itself,
 * or a day gone by
 */
export async function createToken(
  app: App,
  actor: Actor,
  input: CreateTokenInput,
  meta: CommandMeta,
): Promise<TokenAnswer> {
  authorize(actor, 'token.manage');
  checkActions(actor, input.actions);
  if (input.expiresOn !== null && input.expiresOn < app.clock.now().slice(0, 10))
    throw new AppError('validation_failed', { issues: [{ path: 'expiresOn', reason: 'past' }] });
  let secret: string | null = null;
  const asked = { name: 'token.create', input, store: app.store.installation };
  const answer = await command(app, actor, meta, asked, async (tx, now) => {
    const member = await memberIn(tx, actor, actor.memberId);
    secret = newSecret('enc_');
    const token: ApiTokenDoc = {
      id: digestOf(secret),
      version: 1,
      memberId: member.id,
      workspaceId: member.workspaceId,
      name: input.name,
      hint: secret.slice(0, 8),
      actions: input.actions,
      createdAt: now.at,
      expiresOn: input.expiresOn,
      revokedAt: null,
      lastUsedOn: null,
    };
    await tx.docs(apiTokens).insert(token);
    const data = { credentialIds: [token.id], actions: token.actions, expiresOn: token.expiresOn };
    await appendFacts(tx, member, [memberFact(now, 'token.created', member.id, member, data, { name: token.name })]);
    return { id: token.id, version: 1, hint: token.hint };
  });
  return { ...answer, secret };
}

function checkActions(actor: Actor, actions: string[] | null): void {
  const own = actor.allowedActions;
  const refused =
    actions === null
      ? own !== null
      : actions.some((action) => !(ACTIONS as readonly string[]).includes(action) || own?.includes(action) === false);
  if (refused) throw new AppError('validation_failed', { issues: [{ path: 'actions', reason: 'unknown' }] });
}
