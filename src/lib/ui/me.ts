import { getContext, setContext } from 'svelte';
import type { MemberCard } from '#lib/domain/member/member.ts';
import type { Action } from '#lib/policies/actions.ts';
import type { Me } from '#lib/protocol/views/views.ts';

const ME = Symbol('me');

/** The root layout gives who is signed in; a getter, so that rights that change are seen. */
export function provideMe(me: () => Me | null): void {
  setContext(ME, me);
}

/** Who is signed in; only on pages that need it. */
export function useMe(): () => Me {
  const me = getContext<(() => Me | null) | undefined>(ME);
  return () => {
    const found = me?.() ?? null;
    if (found === null) throw new Error('nobody is signed in here');
    return found;
  };
}

/** Whether one's role may do it at all: to explain the screen; the server judges. */
export function useMay(): (action: Action) => boolean {
  const me = getContext<(() => Me | null) | undefined>(ME);
  return (action) => me?.()?.actions.includes(action) ?? false;
}

/** A member's card by id; null for nobody and for strangers. */
export function useMembers(): (id: string | null) => MemberCard | null {
  const me = useMe();
  return (id) => (id === null || id === 'none' ? null : (me().members.find((member) => member.id === id) ?? null));
}
