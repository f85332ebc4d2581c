/**
 * Whether an account (or anything that carries access tokens) lies within somebody's rights.
 *
 * @param rights the actor's tokens (`owner:<id>`, `rep:<id>`, `dept:<department>`, `member:<id>`); null: every account
 * of the workspace. An empty list reaches nothing.
 * @param access the record's tokens; one in common is enough
 */
export function inScope(rights: readonly string[] | null, access: readonly string[]): boolean {
  if (rights === null) return true;
  return access.some((token) => rights.includes(token));
}
