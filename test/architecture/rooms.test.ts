import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which rooms a room may import from; docs/architecture.md says it in words. */
const ROOMS: { room: RegExp; may: RegExp; typesOnly?: RegExp }[] = [
  { room: /^src\/lib\/domain\//, may: /^src\/lib\/domain\// },
  { room: /^src\/lib\/policies\//, may: /^src\/lib\/(domain|policies)\// },
  { room: /^src\/lib\/protocol\//, may: /^src\/lib\/(domain|protocol)\// },
  { room: /^src\/lib\/client\//, may: /^src\/lib\/(domain|policies|protocol|client)\// },
  { room: /^src\/lib\/ui\//, may: /^src\/lib\/(domain|policies|protocol|client|i18n|ui)\// },
  { room: /^src\/lib\/i18n\//, may: /^src\/lib\/(domain|protocol|i18n)\// },
  { room: /^src\/lib\/server\//, may: /^src\/lib\/(domain|policies|protocol|server|i18n)\//, typesOnly: /^server\// },
  { room: /^src\/routes\/.*(\.server\.ts|\+server\.ts)$/, may: /^src\//, typesOnly: /^server\// },
  { room: /^src\/routes\//, may: /^src\/(routes|lib\/(?!server\/))/ },
  {
    room: /^server\/services\//,
    may: /^(src\/lib\/(domain|policies|protocol|i18n)\/|server\/(services|store|auth|import|app\.ts|config\.ts|clock\.ts))/,
  },
  {
    room: /^server\/queries\//,
    may: /^(src\/lib\/(domain|policies|protocol)\/|server\/(queries|services\/(access-account|authorize|\w+\/access-[a-z]+)|store|app\.ts))/,
  },
  { room: /^server\/store\//, may: /^(src\/lib\/(domain|protocol)\/|server\/store\/)/ },
  { room: /^server\//, may: /^(src\/lib\/(domain|policies|protocol|i18n)\/|server\/|package\.json)/ },
];

const IMPORT = /(?:^|\n)\s*(import|export)(\s+type)?\s[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/g;

interface Import {
  to: string;
  typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const specifier = match[3] ?? match[4] ?? '';
    const to = specifier.startsWith('#lib/')
      ? `src/lib/${specifier.slice(5)}`
      : specifier.startsWith('#server/')
        ? `server/${specifier.slice(8)}`
        : specifier.startsWith('.')
          ? posix.normalize(posix.join(posix.dirname(file), specifier))
          : null;
    if (to !== null && !to.endsWith('/$types')) found.push({ to, typeOnly: match[2] !== undefined });
  }
  return found;
}

const files = globSync(['src/**/*.{ts,svelte}', 'server/**/*.ts'])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.endsWith('.test.ts') && file !== 'src/hooks.server.ts' && file !== 'src/app.d.ts');

describe('the walls between rooms', () => {
  it('reads the files it judges', () => {
    expect(files.length).toBeGreaterThan(150);
  });

  it('no file imports from a room it may not know', () => {
    const wrong: string[] = [];
    for (const file of files) {
      const rule = ROOMS.find(({ room }) => room.test(file));
      if (rule === undefined) continue;
      for (const { to, typeOnly } of importsOf(file)) {
        const allowed = rule.may.test(to) || (typeOnly && rule.typesOnly?.test(to) === true) || to === 'src/app.css';
        if (!allowed) wrong.push(`${file} imports ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('rules take today as an argument and never read a clock', () => {
    const clock = /\bnew Date\(\)|\bDate\.now\(\)|\bperformance\.now\(\)|\bMath\.random\(\)/;
    const reading = files.filter(
      (file) => /^src\/lib\/(domain|policies)\//.test(file) && clock.test(readFileSync(file, 'utf8')),
    );
    expect(reading).toEqual([]);
  });
});
