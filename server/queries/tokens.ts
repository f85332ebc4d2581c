import type { Actor } from '#lib/domain/member/member.ts';
import type { App } from '../app.ts';
import { apiTokens, type ApiTokenDoc } from '../store/kinds/installation.ts';

/** A token without anything that would open a door: its id is a digest of the secret. */
export type TokenEntry = Omit<ApiTokenDoc, 'memberId' | 'workspaceId'>;

/** One's own API tokens, revoked ones included. */
export async function tokenList(app: App, actor: Actor): Promise<{ tokens: TokenEntry[] }> {
  const page = await app.store.installation.docs(apiTokens).find({ memberId: actor.memberId }, { limit: 100 });
  return { tokens: page.docs.map(({ memberId: _member, workspaceId: _workspace, ...token }) => token) };
}
