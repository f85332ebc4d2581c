import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * Who may import what (docs/architecture.md). `regex`, because a `group` that begins with # is silently ignored.
 *
 * @param {string[]} files
 * @param {{ regex: string, message: string, allowTypeImports?: boolean }[]} patterns
 * @returns {import('eslint').Linter.Config}
 */
const room = (files, patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

const NO_SVELTE = {
  regex: '^(svelte|\\$app|\\$env|@sveltejs)(/|$)',
  message: 'The server knows nothing of the framework.',
};
const NO_NODE = { regex: '^node:', message: 'This room also runs in the browser.' };
const ONLY_DOMAIN = { regex: '^#(server|lib/(?!domain/))', message: 'The domain imports the domain alone.' };
const NO_LIBRARY = { regex: '^(?!#|\\.|node:)', message: 'Rules use no library.' };
const NO_SERVER = { regex: '^#server/', message: 'server/ is reached through event.locals.runtime.' };
const SERVER_TYPES = {
  regex: '^#server/',
  message: 'Types only: the runtime comes by event.locals.',
  allowTypeImports: true,
};

export default ts.config(
  { ignores: ['.svelte-kit/', 'build/', 'data/', 'node_modules/', 'test/fixtures/', 'static/', 'bench-results/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file itself.' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['server/**/*.ts', 'src/lib/**/*.ts', 'test/**/*.ts', 'src/routes/**/*.ts', 'src/*.ts'],
    ignores: ['**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // Links are written as paths; the product is served at the root.
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/no-at-html-tags': 'error',
      // Collections made for one reckoning are no state; those that are state are Svelte's own.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  room(['src/lib/domain/**/*.ts'], [ONLY_DOMAIN, NO_NODE, NO_LIBRARY, NO_SVELTE]),
  room(
    ['src/lib/policies/**/*.ts'],
    [{ regex: '^#(server|lib/(?!domain/|policies/))', message: 'Policies import the domain.' }, NO_NODE, NO_LIBRARY],
  ),
  room(
    ['src/lib/protocol/**/*.ts'],
    [
      { regex: '^#(server|lib/(?!domain/|protocol/))', message: 'The protocol imports the domain.' },
      NO_NODE,
      NO_SVELTE,
    ],
  ),
  room(
    ['src/lib/client/**/*.ts'],
    [
      { regex: '^#lib/(?!domain/|policies/|protocol/|client/)', message: 'The client runtime knows no screen.' },
      NO_SERVER,
      NO_NODE,
    ],
  ),
  room(
    ['src/lib/ui/**/*.ts', 'src/lib/ui/**/*.svelte'],
    [
      {
        regex: '^#lib/(?!domain/|policies/|protocol/|client/|i18n/|ui/)',
        message: 'The ui imports domain, policies, protocol, client and i18n.',
      },
      NO_SERVER,
      NO_NODE,
    ],
  ),
  room(
    ['src/lib/i18n/**/*.ts'],
    [{ regex: '^#lib/(?!domain/|protocol/|i18n/)', message: 'Words know the domain only.' }, NO_SERVER, NO_NODE],
  ),
  room(['src/lib/server/**/*.ts', 'src/routes/**/*.server.ts', 'src/routes/**/+server.ts'], [SERVER_TYPES]),
  room(
    ['src/routes/**/*.svelte', 'src/routes/**/+page.ts', 'src/routes/**/+layout.ts'],
    [NO_SERVER, { regex: '^#lib/server/', message: 'Pages get data from load.' }],
  ),
  room(
    ['server/**/*.ts'],
    [
      NO_SVELTE,
      { regex: '^#lib/(client|ui|server)/', message: 'The server shares domain, policies, protocol and i18n.' },
    ],
  ),
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  {
    files: ['test/bench/**/*.ts', 'test/support/**/*.ts', 'server/cli/**/*.ts', 'server/cli.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.js', '*.config.ts'], ...ts.configs.disableTypeChecked },
);
