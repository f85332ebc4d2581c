import type { Locator, Page } from '@playwright/test';
import { enter, enterByHand } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

test.use({ serviceWorkers: 'allow' });
test.setTimeout(120_000);

const CHLOE = 'Chloé Vaudran';
const MANAGER = 'Philippe Garronnel';

/** The worker has all files of the program and hears what this page asks. */
async function workerReady(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 50_000 });
}
const kept = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const paths: string[] = [];
    for (const name of await caches.keys())
      if (name.startsWith('encours-pages:'))
        for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname);
    return paths;
  });
/** A reading stands behind every writing that was asked for before it. */
const written = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith('encours:note')) continue;
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      await new Promise<void>((resolve) => {
        const reading = database.transaction([...database.objectStoreNames], 'readonly');
        reading.oncomplete = () => resolve();
        reading.objectStore(database.objectStoreNames[0] ?? '').count();
      });
      database.close();
    }
  });
const databases = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));

/** Two hundred changes: each letter is one. */
const long = (word: string): string => `${word} `.repeat(Math.ceil(200 / (word.length + 1))).trim();

test('[C3] 200 changes on each side of a cut, the tab closed and opened again without a network: nothing is lost', async ({
  page,
  context,
  browser,
}) => {
  const [here, there] = [long('tunnel'), long('bureau')];
  await enterByHand(page, CHLOE);
  const first = (await (await page.request.get('/api/v1/accounts?limit=1')).json()) as { accounts: { id: string }[] };
  const id = first.accounts[0]?.id ?? '';
  await workerReady(page);
  await page.goto(`/accounts/${id}`);
  const editorOf = (of: Page): Locator => of.locator('#note [contenteditable="true"]');
  await editorOf(page).click();
  await page.keyboard.type('Avec le réseau.');
  await page.keyboard.press('Enter');
  await expect(page.locator('#note [data-save="saved"]')).toBeVisible();
  await expect.poll(() => kept(page)).toContain(`/accounts/${id}`);
  const colleague = await enter(browser, MANAGER);
  await colleague.goto(`/accounts/${id}`);
  await expect(editorOf(colleague)).toContainText('Avec le réseau.');

  await context.setOffline(true);
  await expect(page.locator('[data-state="offline"]')).toBeVisible({ timeout: 20_000 });
  await editorOf(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(here);
  await editorOf(colleague).click();
  await colleague.keyboard.press('Control+Home');
  await colleague.keyboard.type(`${there} `);
  await written(page);
  await page.close();
  const again = await context.newPage();
  await again.goto(`/accounts/${id}`);
  await expect(editorOf(again)).toContainText(here, { timeout: 20_000 });
  await expect(editorOf(again)).not.toContainText(there);

  await context.setOffline(false);
  for (const one of [again, colleague]) {
    await expect(editorOf(one)).toContainText(here, { timeout: 40_000 });
    await expect(editorOf(one)).toContainText(there);
    await expect(one.locator('#note [data-save="saved"]')).toBeVisible({ timeout: 40_000 });
  }
  await again.evaluate(async () => {
    for (const { name } of await indexedDB.databases())
      if (name?.startsWith('encours:note')) indexedDB.deleteDatabase(name);
  });
  await again.reload();
  await expect(editorOf(again)).toContainText(here, { timeout: 20_000 });
  await expect(editorOf(again)).toContainText(there);
});

test('[C3] signing out forgets in every tab what the browser kept', async ({ page, context }) => {
  await enterByHand(page, CHLOE);
  await workerReady(page);
  await page.goto('/queue/today');
  await expect.poll(() => kept(page)).toContain('/queue/today');
  const other = await context.newPage();
  await other.goto('/inbox');
  await expect(other.locator('[data-state="live"]')).toBeVisible();
  await expect.poll(() => databases(page)).toContain('encours:outbox');
  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
  await page.waitForURL('**/sign-in');
  await other.waitForURL('**/sign-in*');
  expect(await kept(page)).toEqual([]);
  await expect.poll(async () => (await databases(page)).filter((name) => name.startsWith('encours:'))).toEqual([]);
});

test('[A3] who leaves the credit team keeps neither its pages nor its drafts in the browser', async ({
  page,
  browser,
}) => {
  await enterByHand(page, CHLOE);
  await workerReady(page);
  const list = (await (await page.request.get('/api/v1/disputes?view=live&limit=1')).json()) as {
    disputes: { id: string }[];
  };
  const path = `/disputes/${list.disputes[0]?.id}`;
  await page.goto(path);
  await expect(page.locator('[data-state="live"]')).toBeVisible();
  await page.getByRole('tab', { name: 'Équipe crédit' }).click();
  const ofCredit = async (): Promise<string[]> => (await databases(page)).filter((name) => name.includes(':credit:'));
  await expect.poll(ofCredit).not.toEqual([]);
  await expect.poll(() => kept(page)).toContain(path);
  await page.goto('/queue/today');
  await expect(page.locator('[data-state="live"]')).toBeVisible();
  expect(await ofCredit()).not.toEqual([]);
  expect(await kept(page)).toContain(path);

  const me = (await (await page.request.get('/api/v1/me')).json()) as { member: { id: string; role: string } };
  const boss = await enter(browser, MANAGER);
  const become = async (role: string): Promise<number> =>
    (await boss.request.patch(`/api/v1/members/${me.member.id}`, { data: { role } })).status();
  expect(await become('quality')).toBe(200);
  try {
    await expect.poll(ofCredit).toEqual([]);
    await expect.poll(() => kept(page)).not.toContain(path);
  } finally {
    expect(await become(me.member.role)).toBe(200);
  }
});
