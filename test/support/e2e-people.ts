import { expect, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';

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
async function browserOf(browser: Browser, name: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
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

/** A page of theirs, nothing opened on it yet. */
export async function enter(browser: Browser, name: string, options: BrowserContextOptions = {}): Promise<Page> {
  return (await browserOf(browser, name, options)).newPage();
}

/** Signs in on the screen that the demonstration has for it, as a person does, and waits for the first screen. */
export async function enterByHand(page: Page, name: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: new RegExp(name) }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** Every dialog, error and violation of the content policy on a page that is opened from now on. */
export async function alarmsOf(page: Page): Promise<string[]> {
  const alarms: string[] = [];
  page.on('dialog', (dialog) => {
    alarms.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => alarms.push(`error: ${error.message}`));
  await page.exposeFunction('raiseAlarm', (text: string) => alarms.push(text));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      const raise = Reflect.get(window, 'raiseAlarm') as (text: string) => void;
      raise(`csp: ${violatedDirective} ${blockedURI} ${sample}`);
    });
  });
  return alarms;
}
