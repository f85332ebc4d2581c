import { expect, type Browser, type BrowserContext, type BrowserContextOptions } from '@playwright/test';

const ADDRESS = `http://127.0.0.1:${process.env.E2E_PORT ?? '4173'}`;
/** Of everybody in the demonstration. */
const PASSWORD = 'encours-demo-2026';
const sessions = new Map<string, NonNullable<BrowserContextOptions['storageState']>>();

const emailOf = (name: string): string => {
  const [first = ''] = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(' ');
  return `${first}@demo.encours.example`;
};

/**
 * A browser of its own for somebody of the demonstration, signed in without a look at the screens of that; whoever has
 * signed in once is let in by the same cookie again.
 *
 * @param name as the demonstration has it, first name first
 */
export async function browserOf(
  browser: Browser,
  name: string,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const known = sessions.get(name);
  const context = await browser.newContext({ ...(known === undefined ? {} : { storageState: known }), ...options });
  if (known !== undefined) return context;
  const answer = await context.request.post('/sign-in?/password', {
    form: { email: emailOf(name), password: PASSWORD },
    headers: { origin: ADDRESS, accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(answer.status(), `${name} signs in`).toBe(303);
  sessions.set(name, { cookies: await context.cookies(), origins: [] });
  return context;
}
