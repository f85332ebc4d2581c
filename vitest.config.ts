import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// On MongoDB each test makes some thirty collections and a hundred indexes of its own.
const patience = process.env.TEST_STORE === 'mongodb' ? 3 : 1;

const project = (name: string, include: string[], timeout: number) => ({
  // rune classes are compiled as the browser gets them
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    name,
    include,
    environment: 'node' as const,
    pool: 'forks' as const,
    testTimeout: timeout * patience,
    hookTimeout: timeout * patience,
  },
});

export default defineConfig({
  test: {
    globalSetup: ['test/support/find-mongo.ts'],
    projects: [
      project('unit', ['src/**/*.test.ts', 'server/**/*.test.ts'], 20_000),
      project('contract', ['test/contract/**/*.test.ts'], 60_000),
      project('realtime', ['test/realtime/**/*.test.ts'], 60_000),
      project('architecture', ['test/architecture/**/*.test.ts'], 60_000),
    ],
  },
});
