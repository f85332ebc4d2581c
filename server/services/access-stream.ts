import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayHearOwn, mayReadAudience } from '#lib/policies/audience.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { may } from '#lib/policies/may.ts';
import { parseStream } from '#lib/protocol/streams.ts';

/**
 * Whether somebody may read a stream now: their own (with an API token, if it may hear all of it); the workspace's with the right to read imports; an account's for an
 * audience that they may read, on an account within their scope. False for what is not exactly a stream's name.
 *
 * @param accessOf the account's rights tokens; null when there is no such account
 */
export async function mayReadStream(
  actor: Actor,
  name: string,
  accessOf: (accountId: Id) => Promise<readonly string[] | null>,
): Promise<boolean> {
  const stream = parseStream(name);
  switch (stream?.kind) {
    case undefined:
      return false;
    case 'member':
      return stream.memberId === actor.memberId && mayHearOwn(actor);
    case 'workspace':
      return stream.workspaceId === actor.workspaceId && may(actor, 'import.read');
    case 'account': {
      if (!may(actor, 'account.read') || !mayReadAudience(actor, stream.audience)) return false;
      const access = await accessOf(stream.accountId);
      return access !== null && inScope(actor.rights, access);
    }
  }
}
