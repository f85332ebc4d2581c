import type { Member } from '#lib/domain/member/member.ts';
import { foldText } from '#lib/domain/text/fold.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { members } from '../../store/kinds/installation.ts';

/** Finds the member whom a ledger means by a code or a name. */
export interface People {
  find(told: string | null): Id | null;
}

const key = (text: string): string =>
  foldText(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** By ledger code first, then e-mail, then name in either order; a text that two members answer to finds nobody. */
export function peopleOf(all: readonly Pick<Member, 'id' | 'ledgerCode' | 'email' | 'name'>[]): People {
  const codes = new Map<string, Id | null>();
  const names = new Map<string, Id | null>();
  const put = (map: Map<string, Id | null>, text: string, id: Id): void => {
    const folded = key(text);
    if (folded === '') return;
    map.set(folded, map.has(folded) && map.get(folded) !== id ? null : id);
  };
  for (const member of all) {
    put(codes, member.ledgerCode, member.id);
    put(names, member.email, member.id);
    put(names, member.name, member.id);
    put(names, member.name.split(/\s+/).reverse().join(' '), member.id);
  }
  return {
    find: (told) => {
      if (told === null) return null;
      const folded = key(told);
      return codes.get(folded) ?? names.get(folded) ?? null;
    },
  };
}

/** Members of a workspace who are not disabled. */
export async function loadPeople(app: App, workspaceId: Id): Promise<People> {
  const found: Member[] = [];
  for (const state of ['active', 'invited']) {
    let after: string | null = null;
    do {
      const page: { docs: Member[]; next: string | null } = await app.store.installation
        .docs(members)
        .find({ workspaceId, state }, { limit: 1_000, after });
      found.push(...page.docs);
      after = page.next;
    } while (after !== null);
  }
  return peopleOf(found);
}
