import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { absolute, type Figure } from './figure.ts';

const OUTPUT = 'build/client';

interface Chunk {
  file: string;
  imports?: string[];
  css?: string[];
  isDynamicEntry?: boolean;
}

/** What the browser must load before the queue's page works: entry, layout and page with all that they import at once. */
export function firstScript(): { script: number; style: number } {
  const manifest = JSON.parse(readFileSync('.svelte-kit/output/client/.vite/manifest.json', 'utf8')) as Record<
    string,
    Chunk
  >;
  const nodes = readdirSync('.svelte-kit/generated/client-optimized/nodes').map((file) => [
    `.svelte-kit/generated/client-optimized/nodes/${file}`,
    readFileSync(join('.svelte-kit/generated/client-optimized/nodes', file), 'utf8'),
  ]);
  const nodeOf = (part: string): string => nodes.find(([, text]) => text?.includes(part))?.[0] ?? '';
  const starts = [
    ...Object.keys(manifest).filter((key) =>
      /client\/(entry|start|app)|client-optimized\/app\.js|runtime\/client\/entry/.test(key),
    ),
    nodeOf('routes/+layout.svelte'),
    nodeOf('routes/queue/[view]/+page.svelte'),
  ];
  const files = new Set<string>();
  const styles = new Set<string>();
  const visit = (key: string): void => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) styles.add(css);
    for (const next of chunk.imports ?? []) visit(next);
  };
  starts.forEach(visit);
  const size = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(OUTPUT, name)), { level: 9 }).length, 0);
  return { script: size(files), style: size(styles) };
}

/** Bytes of the queue's page, after `npm run build`. */
export function benchBundle(): Promise<Figure[]> {
  const { script, style } = firstScript();
  return Promise.resolve([
    absolute('first script of the queue page', script / 1_000, 'kB gzip', 120),
    absolute('styles of the queue page', style / 1_000, 'kB gzip', 20),
  ]);
}
