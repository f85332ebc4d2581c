import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Locator, Page, WebSocketRoute } from '@playwright/test';
import { enter as enterAs } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** Two collectors and the manager of the demonstration, side by side. */
const CHLOE = 'Chloé Vaudran';
const KARIM = 'Karim Belvossac';
const PHILIPPE = 'Philippe Garronnel';

async function enter(browser: Browser, name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await enterAs(browser, name, { permissions: ['clipboard-read', 'clipboard-write'], ...options });
  await page.goto('/');
  return page;
}

const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();
const timeline = (page: Page): Locator => page.locator('#timeline');
const events = (page: Page, name: string): Locator => timeline(page).locator(`[data-event="${name}"]`);
const editor = (page: Page): Locator => page.locator('#note [contenteditable="true"]');

interface Row {
  id: string;
  name: string;
  claimedBy: string;
  ownerId: string;
  netCents: number;
}

/** Free accounts with something to chase, as the API tells them; every test takes another. */
async function accounts(page: Page): Promise<Row[]> {
  const answer = await page.request.get('/api/v1/queue?view=everything&sort=overdue&limit=60');
  const { rows } = (await answer.json()) as { rows: Row[] };
  return rows.filter((row) => row.claimedBy === 'none' && row.netCents > 0);
}
async function account(page: Page, index: number): Promise<Row> {
  const row = (await accounts(page))[index];
  if (row === undefined) throw new Error('no such account in the demonstration');
  return row;
}
async function open(page: Page, id: string, rest = ''): Promise<void> {
  await page.goto(`/accounts/${id}${rest}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await live(page);
}

test('two people write one note together, and it is saved', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  const { id } = await account(chloe, 0);
  await open(chloe, id);
  await open(karim, id);
  await chloe.keyboard.press('n');
  await expect(editor(chloe)).toBeFocused();
  await chloe.keyboard.type('Rappeler le comptable mardi.');
  await expect(editor(karim)).toContainText('Rappeler le comptable mardi.');
  // the other is seen writing, by name
  await expect(karim.locator('header').getByText('Chloé Vaudran écrit')).toBeAttached();
  await editor(karim).click();
  await karim.keyboard.press('Control+End');
  await karim.keyboard.type(' Il part en congé jeudi.');
  await expect(editor(chloe)).toContainText('Rappeler le comptable mardi. Il part en congé jeudi.');
  await expect(chloe.locator('#note [data-save="saved"]')).toBeVisible();
  await expect(karim.locator('#note [data-save="saved"]')).toBeVisible();
  await chloe.reload();
  await expect(editor(chloe)).toContainText('Rappeler le comptable mardi. Il part en congé jeudi.');
});

test('[PRO-1] a promise written down in three keystrokes is on the other’s screen at once', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  const { id } = await account(chloe, 1);
  await open(chloe, id);
  await open(karim, id);
  await chloe.keyboard.press('w');
  await expect(chloe.getByRole('dialog')).toBeVisible();
  await chloe.keyboard.press('4');
  await expect(chloe.locator('[data-amount]')).toHaveValue(/\d,\d\d$/);
  await chloe.keyboard.press('Enter');
  await expect(chloe.getByRole('dialog')).toHaveCount(0);
  for (const page of [chloe, karim]) {
    await expect(page.locator('[data-promise="open"]')).toHaveCount(1);
    await expect(events(page, 'promise.made').first()).toContainText('Chloé Vaudran a noté une promesse de');
    await expect(events(page, 'contact.recorded').first()).toBeVisible();
  }
  // and taken back with a reason
  await karim.locator('[data-promise="open"]').getByRole('button', { name: 'Retirer' }).click();
  await karim.getByLabel('Motif').fill('Le client s’est trompé de facture');
  await karim.getByRole('dialog').getByRole('button', { name: 'Retirer' }).click();
  await expect(chloe.locator('[data-promise="open"]')).toHaveCount(0);
  await expect(events(chloe, 'promise.withdrawn').first()).toContainText('Le client s’est trompé de facture');
});

test('[CLM-8] a call is refused with the holder’s name; what was said is written down all the same', async ({
  browser,
}) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  const { id } = await account(chloe, 2);
  await open(chloe, id);
  await open(karim, id);
  await chloe.keyboard.press('l');
  await expect(chloe.getByRole('dialog')).toBeVisible();
  await expect(chloe.locator('[data-claim="mine"]')).toBeVisible();
  await expect(karim.locator('[data-claim="other"]')).toContainText('Chloé Vaudran');
  await karim.getByRole('button', { name: /Commencer un appel/ }).click();
  await expect(karim.getByText(/Chloé Vaudran a déjà pris ce compte en charge/)).toBeVisible();
  await expect(karim.getByRole('dialog')).toHaveCount(0);
  await karim.keyboard.press('w');
  await expect(karim.getByRole('dialog')).toBeVisible();
  await karim.keyboard.press('8');
  await karim.keyboard.press('Enter');
  await expect(karim.getByRole('dialog')).toHaveCount(0);
  await expect(events(chloe, 'contact.recorded').first()).toContainText('Karim Belvossac');
  await chloe.keyboard.press('Escape');
  await expect(chloe.getByRole('dialog')).toHaveCount(0);
  await chloe.keyboard.press('r');
  await expect(karim.locator('[data-claim="free"]')).toBeVisible();
});

test('[C2] after a cut the timeline catches up by itself', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  const { id } = await account(chloe, 3);
  await open(chloe, id);
  // offline alone leaves open sockets as they are: they are cut by hand
  let cut = false;
  const lines: WebSocketRoute[] = [];
  await karim.routeWebSocket(/socket\.io/, async (line) => {
    if (cut) return line.close();
    lines.push(line);
    line.connectToServer();
  });
  await open(karim, id);
  const before = await events(karim, 'contact.recorded').count();
  cut = true;
  await karim.context().setOffline(true);
  await Promise.all(lines.map((line) => line.close()));
  await expect(karim.locator('[data-state="live"]')).toHaveCount(0);
  for (const digit of ['1', '2']) {
    await chloe.keyboard.press('w');
    await expect(chloe.getByRole('dialog')).toBeVisible();
    await chloe.keyboard.press(digit);
    await chloe.keyboard.press('Enter');
    await expect(chloe.getByRole('dialog')).toHaveCount(0);
  }
  await expect(events(chloe, 'contact.recorded')).toHaveCount(before + 2);
  expect(await events(karim, 'contact.recorded').count()).toBe(before);
  cut = false;
  await karim.context().setOffline(false);
  await expect(events(karim, 'contact.recorded')).toHaveCount(before + 2);
  await live(karim);
});

test('the link to an event opens it, however far back it lies', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  const { id } = await account(page, 4);
  const first = await page.request.get(`/api/v1/accounts/${id}/timeline?limit=200`);
  const oldest = ((await first.json()) as { events: { id: string }[] }).events.at(-1);
  if (oldest === undefined) throw new Error('no event');
  for (let turn = 0; turn < 55; turn += 1)
    await page.request.post(`/api/v1/accounts/${id}/contacts-made`, {
      data: { channel: 'call', outcome: 'no_answer' },
      headers: { 'idempotency-key': `permalink-${turn}`, origin: new URL(page.url()).origin },
    });
  await open(page, id, `#event-${oldest.id}`);
  const line = page.locator(`#event-${oldest.id}`);
  await expect(line).toBeInViewport();
  await expect(line).toBeFocused();
  await line.hover();
  await line.getByRole('button', { name: 'Copier le lien vers cet événement' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await timeline(page).getByRole('button', { name: 'Promesses' }).click();
  await expect(events(page, 'contact.recorded')).toHaveCount(0);
});

test('[OWN-6] a reassignment is told while somebody types, and nothing typed is lost', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const philippe = await enter(browser, PHILIPPE);
  const { id } = await account(chloe, 5);
  await open(chloe, id);
  await chloe.keyboard.press('w');
  await expect(chloe.getByRole('dialog')).toBeVisible();
  await chloe.getByLabel('Ce qui a été dit').fill('Demande un échéancier en trois fois');
  const me = (await (await philippe.request.get('/api/v1/me')).json()) as { members: { id: string; name: string }[] };
  const sheet = (await (await philippe.request.get(`/api/v1/accounts/${id}`)).json()) as {
    account: { ownerId: string | null };
    case: { version: number };
  };
  const to = me.members.find(({ id: one, name }) => one !== sheet.account.ownerId && [CHLOE, KARIM].includes(name));
  const answer = await philippe.request.post(`/api/v1/cases/${id}/reassign`, {
    data: { ownerId: to?.id },
    headers: {
      'idempotency-key': `reassign-${id}`,
      'if-match': `"${sheet.case.version}"`,
      origin: new URL(philippe.url()).origin,
    },
  });
  expect(answer.status()).toBe(200);
  await expect(chloe.locator('[data-news="reassigned"]')).toContainText(
    `Philippe Garronnel a confié ce compte à ${to?.name}`,
  );
  // closed by mistake and opened again: it is still there
  await chloe.keyboard.press('Escape');
  await expect(chloe.getByRole('dialog')).toHaveCount(0);
  await chloe.keyboard.press('w');
  await expect(chloe.getByLabel('Ce qui a été dit')).toHaveValue('Demande un échéancier en trois fois');
  await chloe.keyboard.press('1');
  await chloe.getByLabel('Ce qui a été dit').press('Tab');
  await chloe.getByRole('button', { name: 'Noter', exact: false }).last().click();
  await expect(events(chloe, 'contact.recorded').first()).toContainText('Demande un échéancier en trois fois');
});

test('[A2] who loses the account is told so, keeps what was typed, and writes no more', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const philippe = await enter(browser, PHILIPPE);
  const me = (await (await chloe.request.get('/api/v1/me')).json()) as { member: { id: string } };
  const foreign = (await accounts(chloe)).find(({ ownerId }) => ownerId !== me.member.id && ownerId !== 'none');
  if (foreign === undefined) throw new Error('no account of a colleague');
  const scope = async (to: 'all' | 'portfolio'): Promise<void> => {
    const answer = await philippe.request.patch(`/api/v1/members/${me.member.id}`, {
      data: { scope: to },
      headers: { 'idempotency-key': `scope-${to}-${foreign.id}`, origin: new URL(philippe.url()).origin },
    });
    expect(answer.status()).toBe(200);
  };
  await open(chloe, foreign.id);
  await chloe.keyboard.press('w');
  await chloe.getByLabel('Ce qui a été dit').fill('Une phrase à garder');
  try {
    await scope('portfolio');
    await expect(chloe.locator('[data-lost]')).toBeVisible();
    await expect(chloe.getByLabel('Ce qui a été dit')).toBeDisabled();
    await expect(chloe.locator('[data-lost]')).toContainText('Une phrase à garder');
    await chloe.keyboard.press('Escape');
    await chloe.getByRole('link', { name: 'Aller à la file' }).click();
    await chloe.waitForURL(/queue/);
    expect((await chloe.request.get(`/api/v1/accounts/${foreign.id}`)).status()).toBe(404);
  } finally {
    await scope('all');
  }
});

test('without script the account is read, and a contact is written down', async ({ browser }) => {
  const page = await enter(browser, CHLOE, { javaScriptEnabled: false });
  const { id } = await account(page, 6);
  await page.goto(`/accounts/${id}`);
  await expect(page.locator('#items [data-item]').first()).toBeVisible();
  await page.getByRole('button', { name: /Prendre en charge/ }).click();
  await expect(page.locator('[data-claim="mine"]')).toBeVisible();
  await page.getByRole('link', { name: /Noter un contact/ }).click();
  await page.getByLabel('Message laissé').check();
  await page.getByLabel('Ce qui a été dit').fill('Rappellera demain');
  await page.getByRole('button', { name: 'Noter', exact: true }).click();
  await expect(events(page, 'contact.recorded').first()).toContainText('Rappellera demain');
  await page.getByRole('button', { name: /Libérer/ }).click();
  await expect(page.locator('[data-claim="free"]')).toBeVisible();
});

test('[SCR-8] figures equal the open items; the statement adds up and is copied as a table', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  const { id } = await account(page, 7);
  await open(page, id);
  const { items } = (await (
    await page.request.get(`/api/v1/accounts/${id}/items?state=open&currency=EUR&limit=500`)
  ).json()) as { items: { openCents: number; number: string }[] };
  const cents = items.reduce((sum, item) => sum + item.openCents, 0);
  const shown = (text: string | null): number =>
    Math.round(Number((text ?? '').replace(/[^\d,-]/g, '').replace(',', '.')) * 100);
  expect(shown(await page.locator('[data-balance="EUR"] [data-figure="open"]').textContent())).toBe(cents);
  await page.getByRole('button', { name: 'Copier le relevé' }).click();
  await expect(page.getByText(/Relevé copié/)).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  for (const { number } of items) expect(text).toContain(number);
  await page.goto(`/accounts/${id}/statement?lang=en`);
  await expect(page.getByRole('heading', { name: 'Statement of account' })).toBeVisible();
  await expect(page.locator('[data-statement="EUR"] tbody tr')).toHaveCount(items.length);
});

test('accounts are found without accents, by keyboard', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await page.goto('/accounts');
  await live(page);
  await page.keyboard.press('/');
  await page.keyboard.type('ateliers brevo');
  await page.waitForURL(/search=/);
  await expect(page.locator('[data-account]').first()).toContainText('Brévo');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Brévo');
  await page.goto('/accounts?search=zzzz');
  await expect(page.getByText('Aucun compte ne répond à « zzzz ».')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`the account's screens have no accessibility violation, ${colorScheme}`, async ({ browser }) => {
    // eight screens, each looked through whole
    test.setTimeout(180_000);
    const page = await enter(browser, CHLOE, { colorScheme });
    const { id } = await account(page, 8);
    const check = async (): Promise<void> => {
      const found = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze();
      expect(found.violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`)).toEqual([]);
    };
    await open(page, id);
    await expect(editor(page)).toBeVisible();
    await check();
    await page.keyboard.press('p');
    await expect(page.locator('[data-amount]')).toBeFocused();
    await check();
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 360, height: 780 });
    for (const tab of ['', '?tab=items', '?tab=timeline', '?tab=note']) {
      await open(page, id, tab);
      await check();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    }
    await page.goto('/accounts');
    await check();
    await page.goto(`/accounts/${id}/statement`);
    await check();
  });
