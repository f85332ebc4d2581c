import { term } from './groups/term.ts';
import { render, type Group } from './words.ts';
import { useLocale } from './context.ts';

type Key = keyof (typeof term)['fr'] & string;
/** The lists of values that have names: `role`, `reason`, `next`, `outcome`… */
export type TermList = Key extends infer K ? (K extends `${infer L}_${string}` ? L : never) : never;

/** Names of the domain's values in the screen's language: `const name = terms(); name('role', member.role)`. */
export function terms(): (list: TermList, value: string) => string {
  const locale = useLocale();
  return (list, value) => render(term as Group, locale(), `${list}_${value}`);
}
