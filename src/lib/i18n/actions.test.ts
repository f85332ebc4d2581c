import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { members } from './groups/members.ts';

/** Of the list of policies, which this room does not import. */
const listed = readFileSync(new URL('../policies/actions.ts', import.meta.url), 'utf8').matchAll(/^ {2}'([\w.]+)',$/gm);

test.each([...listed].map(([, action = '']) => action))('%s can be given to a token by its name', (action) => {
  expect(members.fr).toHaveProperty(`action_${action.replaceAll('.', '_')}`);
});
