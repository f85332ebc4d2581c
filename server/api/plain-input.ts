import { AppError, type FieldIssue } from '#lib/protocol/errors.ts';

/** A message's body nests lists; the store holds 50. */
const MAX_DEPTH = 40;
/** Its names are the headers of somebody's file. */
const FREE_NAMES = 'mapping.columns';

/**
 * Refuses what no input of ours can hold, before any schema sees it: field names that a database or JavaScript could take
 * for something else (`$ne`, `a.b`, `view[$ne]`, `__proto__`), and text that is no Unicode (a lone surrogate), which could not be stored
 * and found again as it came.
 *
 * @param given a parsed JSON object, or the parameters of an address
 * @throws AppError validation_failed with the path of each
 */
export function refuseUnplain(given: Record<string, unknown>): void {
  const issues: FieldIssue[] = [];
  const look = (value: unknown, path: string, depth: number): void => {
    if (issues.length >= 20) return;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) issues.push({ path, reason: 'lone_surrogate' });
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    if (depth > MAX_DEPTH) {
      issues.push({ path, reason: 'too_deep' });
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      if (path === FREE_NAMES ? !name.isWellFormed() : !Array.isArray(value) && !isPlainName(name))
        issues.push({ path: at.toWellFormed(), reason: 'name' });
      else look(inner, at, depth + 1);
    }
  };
  look(given, '', 0);
  if (issues.length > 0) throw new AppError('validation_failed', { issues });
}

/** The parameters of an address by name. One that is given twice is a list, which no input of an address takes. */
export function parametersOf(search: URLSearchParams): Record<string, unknown> {
  const given: [string, unknown][] = [...new Set(search.keys())].map((name) => {
    const values = search.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  });
  return Object.fromEntries(given);
}

const isPlainName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && name !== 'constructor';
