/**
 * Whether whoever speaks may do all that an API token may: who speaks through a narrow one must not listen through a wider.
 *
 * @param actor `allowedActions` of the token that speaks; null: no token, or all that its member may
 */
export function mayUseToken(
  { allowedActions }: { readonly allowedActions: readonly string[] | null },
  token: { readonly actions: readonly string[] | null },
): boolean {
  return allowedActions === null || token.actions?.every((action) => allowedActions.includes(action)) === true;
}
