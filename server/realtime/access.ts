import type { Account } from '#lib/domain/account/account.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { accounts } from '../store/kinds/workspace.ts';

interface Known {
  version: number;
  access: readonly string[];
}

const MAX_KNOWN = 20_000;

/**
 * The rights tokens of accounts, as the journal last told them or the store last answered, the newer version winning.
 * A judgement of what somebody may follow reads the store; only the telling of events relies on what is known here.
 */
export class AccountAccess {
  readonly #app: App;
  readonly #known = new Map<string, Known>();

  constructor(app: App) {
    this.#app = app;
  }

  /** Tokens if they are known. */
  peek(workspaceId: Id, accountId: Id): readonly string[] | null {
    return this.#known.get(`${workspaceId}:${accountId}`)?.access ?? null;
  }

  /** Takes note of an account's state; answers the tokens known before when they were others, else null. */
  learn(workspaceId: Id, account: Pick<Account, 'id' | 'version' | 'access'>): readonly string[] | null {
    const key = `${workspaceId}:${account.id}`;
    const before = this.#known.get(key);
    if (before !== undefined && before.version >= account.version) return null;
    this.#known.delete(key);
    this.#known.set(key, { version: account.version, access: account.access });
    if (this.#known.size > MAX_KNOWN) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    return before === undefined || sameTokens(before.access, account.access) ? null : before.access;
  }

  /** Tokens from the store; null when there is no such account. */
  async read(workspaceId: Id, accountId: Id): Promise<readonly string[] | null> {
    const account = await this.#app.store.workspace(workspaceId).docs(accounts).get(accountId);
    if (account === null) return null;
    this.learn(workspaceId, account);
    return this.peek(workspaceId, accountId) ?? account.access;
  }

  /** What was known may be stale: the journal's tail was lost. */
  forget(): void {
    this.#known.clear();
  }
}

function sameTokens(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((token) => b.includes(token));
}
