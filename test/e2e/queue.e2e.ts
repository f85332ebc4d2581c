import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { enter } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** Two collectors and the manager of the demonstration, side by side. */
const CHLOE = 'Chloé Vaudran';
const KARIM = 'Karim Belvossac';
const PHILIPPE = 'Philippe Garronnel';

const rows = (page: Page): Locator => page.getByRole('grid').locator('[data-id]');
const rowOf = (page: Page, id: string): Locator => page.locator(`[data-id="${id}"]`);
const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();

/** The queue, once the line to the server stands. */
async function queue(page: Page, path = '/queue/today'): Promise<void> {
  await page.goto(path);
  await expect(rows(page).first()).toBeVisible();
  await live(page);
}

/** The id of the n-th row that nobody holds, made the active one. */
async function freeRow(page: Page, index = 0): Promise<string> {
  const free = rows(page).filter({ hasNot: page.locator('[data-claim]') });
  const id = await free.nth(index).getAttribute('data-id');
  if (id === null) throw new Error('no free row');
  // beside the links, so that it only becomes the active row
  await rowOf(page, id).click({ position: { x: 6, y: 30 } });
  return id;
}

test('[SCR-1] a claim shows at once, and on the other’s screen without a reload', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  await queue(chloe);
  await queue(karim);
  const id = await freeRow(chloe, 2);
  await chloe.keyboard.press('c');
  await expect(rowOf(chloe, id).locator('[data-claim="mine"]')).toBeVisible();
  await expect(rowOf(karim, id).locator('[data-claim="other"]')).toContainText('Chloé Vaudran');
  await chloe.keyboard.press('r');
  await expect(rowOf(chloe, id).locator('[data-claim]')).toHaveCount(0);
  await expect(rowOf(karim, id).locator('[data-claim]')).toHaveCount(0);
});

test('[SCR-1] who is too late is told the winner’s name, and offered the next', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  await queue(chloe);
  await queue(karim);
  const id = await freeRow(karim, 3);
  // Karim's screen does not hear of it: the server alone can tell
  await karim.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await karim.reload();
  await expect(rows(karim).first()).toBeVisible();
  await rowOf(karim, id).click({ position: { x: 6, y: 30 } });
  await rowOf(chloe, id).click({ position: { x: 6, y: 30 } });
  await chloe.keyboard.press('c');
  await expect(rowOf(chloe, id).locator('[data-claim="mine"]')).toBeVisible();
  await karim.keyboard.press('c');
  await expect(karim.getByText('Chloé Vaudran vient de prendre ce compte')).toBeVisible();
  await expect(karim.getByRole('button', { name: 'Prendre le suivant' }).last()).toBeVisible();
  await expect(rowOf(karim, id).locator('[data-claim="other"]')).toContainText('Chloé Vaudran');
  await chloe.keyboard.press('r');
  await expect(rowOf(chloe, id).locator('[data-claim]')).toHaveCount(0);
});

test('[CAS-9] the keyboard alone works the queue: move, done with a next action, next row', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await queue(page);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  const active = page.locator('[data-active]');
  await expect(active).toBeFocused();
  const id = await active.getAttribute('data-id');
  const place = await active.getAttribute('aria-rowindex');
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: 'Terminer pour aujourd’hui' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'dans 3 jours' }).click();
  await dialog.getByRole('button', { name: 'Terminer et passer au suivant' }).click();
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, id ?? '')).toHaveCount(0);
  await expect(active).toHaveAttribute('aria-rowindex', place ?? '');
  await expect(active).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Raccourcis clavier' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await expect(page).toHaveURL(/\/queue\/today$/);
});

test('[SCR-7] the manager reassigns a selection after a preview, while the owner looks', async ({ browser }) => {
  const manager = await enter(browser, PHILIPPE);
  const chloe = await enter(browser, CHLOE);
  await queue(chloe, '/queue/mine');
  const id = (await rows(chloe).nth(1).getAttribute('data-id')) ?? '';
  const name = (await rowOf(chloe, id).getByRole('link').first().textContent()) ?? '';
  await queue(manager, `/queue/everything?search=${encodeURIComponent(name)}`);
  await rowOf(manager, id).getByRole('checkbox').click();
  await manager.keyboard.press('a');
  const dialog = manager.getByRole('dialog', { name: 'Réaffecter des comptes' });
  await dialog.getByRole('combobox').fill('karim');
  await manager.getByRole('listbox').getByRole('option', { name: /Karim/ }).click();
  await expect(dialog.getByText('Changera')).toBeVisible();
  await Promise.all([
    expect(chloe.getByText(/Philippe Garronnel a confié/)).toBeVisible(),
    expect(manager.getByText('1 compte réaffecté')).toBeVisible(),
    dialog.getByRole('button', { name: 'Réaffecter 1 compte' }).click(),
  ]);
  await expect(chloe.getByRole('button', { name: /changement/ })).toBeVisible();
  await expect(rowOf(chloe, id)).toBeVisible();
  await chloe.getByRole('button', { name: /changement/ }).click();
  await expect(rowOf(chloe, id)).toHaveCount(0);
});

test('[SCR-4] filters, sort and search stand in the address, and the search knows no accents', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await queue(page, '/queue/everything');
  const name = (await rows(page).first().getByRole('link').first().textContent()) ?? '';
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
  await page.keyboard.press('/');
  await page.keyboard.type(plain);
  await expect(page).toHaveURL(/search=/);
  await expect(rows(page).filter({ hasText: name }).first()).toBeVisible();
  await page.getByLabel('Tri').selectOption('overdue');
  await expect(page).toHaveURL(/sort=overdue/);
  await page.reload();
  await expect(page.getByRole('searchbox', { name: 'Nom ou numéro de compte' })).toHaveValue(plain);
});

test('the first rows and the views are there without script', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  const state = await page.context().storageState();
  const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto('/queue/everything');
  await expect(rows(plain)).toHaveCount(50);
  await expect(plain.locator('html')).toHaveAttribute('lang', 'fr');
});

test('the language changes the whole screen, and back', async ({ browser }) => {
  const page = await enter(browser, KARIM);
  await queue(page);
  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByRole('menuitem', { name: 'English' }).click();
  await expect(page.getByRole('link', { name: /Today’s actions/ })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: /Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Français' }).click();
  await expect(page.getByRole('link', { name: /Actions du jour/ })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1440, 360])
    test(`the queue has no accessibility violation: ${colorScheme}, ${width} px`, async ({ browser }) => {
      test.slow();
      const page = await enter(browser, PHILIPPE, { colorScheme, viewport: { width, height: 860 } });
      await queue(page, '/queue/everything');
      const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
      expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(' ')}`)).toEqual([]);
    });

test('nor have its dialogs', async ({ browser }) => {
  test.slow();
  const page = await enter(browser, PHILIPPE);
  await queue(page, '/queue/everything');
  for (const [key, name] of [
    ['e', 'Terminer pour aujourd’hui'],
    ['s', 'Reporter ce compte'],
    ['a', 'Réaffecter des comptes'],
    ['?', 'Raccourcis clavier'],
    ['Control+k', 'Palette de commandes'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    const found = await new AxeBuilder({ page })
      .include('[role=dialog]')
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(
      found.violations.map((one) => `${name} ${one.id}: ${one.nodes.map((node) => node.target).join(' ')}`),
    ).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog', { name })).toBeHidden();
  }
});
