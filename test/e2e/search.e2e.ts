import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { enter } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** A collector, a sales rep, accounting and the manager of the demonstration. */
const CHLOE = 'Chloé Vaudran';
const NADEGE = 'Nadège Orlivrin';
const INES = 'Inès Tardinelle';
const PHILIPPE = 'Philippe Garronnel';

interface Dispute {
  id: string;
  number: number;
  accountId: string;
  accountName: string;
  items: { itemId: string; number: string }[];
}
async function read<T>(page: Page, path: string): Promise<T> {
  return (await (await page.request.get(`/api/v1${path}`)).json()) as T;
}
const disputes = async (page: Page): Promise<Dispute[]> =>
  (await read<{ disputes: Dispute[] }>(page, '/disputes?view=everything&sort=newest&limit=200')).disputes;
const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();

async function palette(page: Page, typed: string): Promise<Locator> {
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('combobox')).toBeFocused();
  await page.keyboard.type(typed);
  return dialog;
}
const first = (dialog: Locator): Locator => dialog.locator('[data-command-item][data-selected]');
/** The row that the address asks for: marked, focused and in the list's own window. */
async function broughtIntoView(page: Page, number: string): Promise<void> {
  const row = page.locator(`[data-item="${number}"][aria-current="true"]`);
  await expect(row).toBeInViewport({ ratio: 1 });
  await expect(row).toBeFocused();
  await expect(page.locator('[aria-current="true"][data-item]')).toHaveCount(1);
}

test('a dispute is found by its number and an invoice by its own, from the keyboard', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await page.goto('/accounts');
  await live(page);
  const [dispute] = await disputes(page);
  const [part] = dispute?.items ?? [];
  if (dispute === undefined || part === undefined) throw new Error('no dispute in the demonstration');
  const dialog = await palette(page, `litige n° ${dispute.number}`);
  await expect(first(dialog)).toContainText(`Litige ${dispute.number} · ${dispute.accountName}`);
  const found = await new AxeBuilder({ page }).include('[role=dialog]').withTags(['wcag2a', 'wcag2aa']).analyze();
  expect(found.violations.map(({ id }) => id)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/disputes/${dispute.id}`);
  await live(page);
  // its facts lead to the invoice
  await page.locator(`[data-disputed-item="${part.number}"]`).getByRole('link').click();
  await page.waitForURL(`**/accounts/${dispute.accountId}?**`);
  await broughtIntoView(page, part.number);
  await page.goto('/disputes');
  await live(page);
  const again = await palette(page, part.number.toLowerCase());
  await again.getByRole('option', { name: new RegExp(`^${part.number} · `) }).click();
  await page.waitForURL(`**/accounts/${dispute.accountId}?**#item-${part.itemId}`);
  await broughtIntoView(page, part.number);
});

test('[A2] whoever may not see a dispute finds nothing of it', async ({ browser }) => {
  const [philippe, nadege] = await Promise.all([enter(browser, PHILIPPE), enter(browser, NADEGE)]);
  const hers = new Set((await disputes(nadege)).map(({ id }) => id));
  const hidden = (await disputes(philippe)).find(({ id }) => !hers.has(id));
  if (hidden === undefined) throw new Error('the sales rep sees every dispute');
  await nadege.goto('/inbox');
  await live(nadege);
  const answer = nadege.waitForResponse(/api\/v1\/search/);
  const dialog = await palette(nadege, hidden.items[0]?.number ?? '');
  expect(await (await answer).text()).not.toContain(hidden.accountName);
  await expect(dialog.getByText('Rien ne correspond')).toBeVisible();
  await expect(dialog.getByRole('option')).toHaveCount(0);
});

test('in English as well', async ({ browser }) => {
  const page = await enter(browser, INES);
  await page.goto('/inbox');
  const speak = (locale: 'fr' | 'en'): Promise<unknown> => page.request.patch('/api/v1/me', { data: { locale } });
  await speak('en');
  try {
    await page.goto('/disputes?view=everything');
    await live(page);
    const [dispute] = await disputes(page);
    const dialog = await palette(page, `dispute ${dispute?.number ?? 0}`);
    await expect(first(dialog)).toContainText(`Dispute ${dispute?.number ?? 0} · ${dispute?.accountName ?? ''}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/disputes/${dispute?.id ?? ''}`);
  } finally {
    await speak('fr');
  }
});

/** An account with more invoices than are loaded at once, by the same door as any ledger; answers its id. */
async function longAccount(page: Page, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, n) =>
    ['LONGUE', 'Longue Liste', `LL-${String(n).padStart(4, '0')}`, '2026-01-05', `2031-${day(n)}`, '10,00'].join(';'),
  );
  const head = 'Code client;Raison sociale;N° facture;Date facture;Échéance;Montant TTC';
  const { today } = await read<{ today: string }>(page, '/me');
  const origin = new URL(page.url()).origin;
  const staged = await page.request.post(`/api/v1/imports?kind=ledger&asOf=${today}&fileName=longue.csv`, {
    data: Buffer.from([head, ...lines].join('\n')),
    headers: { 'content-type': 'application/octet-stream', 'idempotency-key': 'search-file', origin },
  });
  const run = (await staged.json()) as { id: string; mapping: Record<string, unknown> };
  const send = (verb: string, data: object): Promise<unknown> =>
    page.request.post(`/api/v1/imports/${run.id}/${verb}`, {
      data,
      headers: { 'idempotency-key': `search-${verb}`, origin },
    });
  const state = async (): Promise<string> => (await read<{ state: string }>(page, `/imports/${run.id}`)).state;
  // the rest of the ledger is not in it, and must not be flagged
  await send('mapping', { mapping: { ...run.mapping, complete: false }, asOf: today });
  await expect.poll(state).toBe('staged');
  await send('apply', { confirmOlder: true });
  await expect.poll(state).toBe('applied');
  const { accounts } = await read<{ accounts: { id: string }[] }>(page, '/accounts?search=longue+liste&limit=1');
  return accounts[0]?.id ?? '';
}
const day = (n: number): string =>
  `${String(1 + (Math.floor(n / 28) % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}`;

test('[SCR-3] a link to an item far down a long list brings it into view, whatever was shown before', async ({
  browser,
}) => {
  const page = await enter(browser, PHILIPPE);
  await page.goto('/admin/imports');
  const id = await longAccount(page, 700);
  const { items } = await read<{ items: { id: string; number: string }[] }>(
    page,
    `/accounts/${id}/items?state=open&limit=500`,
  );
  const far = items[480];
  const near = items[3];
  if (far === undefined || near === undefined) throw new Error('the list is not long');
  await page.goto(`/accounts/${id}?tab=items#item-${far.id}`);
  await broughtIntoView(page, far.number);
  // from among the settled ones, of which there are none
  await page.goto(`/accounts/${id}?tab=items&items=settled#item-${near.id}`);
  await broughtIntoView(page, near.number);
  // on a phone, and on the page that is open already
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`/accounts/${id}?tab=items#item-${far.id}`);
  await broughtIntoView(page, far.number);
  await page.goto(`/accounts/${id}?tab=items#item-nothing`);
  await expect(page.getByText('Cette pièce ne se trouve pas sur ce compte.')).toBeVisible();
});
