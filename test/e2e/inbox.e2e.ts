import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { enter } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** A collector, quality, accounting and the manager of the demonstration. */
const CHLOE = 'Chloé Vaudran';
const HUGO = 'Hugo Tressanne';
const INES = 'Inès Tardinelle';
const PHILIPPE = 'Philippe Garronnel';

const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();
const badge = (page: Page): Locator => page.getByRole('navigation').locator('a[href="/inbox"] [data-unread]');

async function sent<T>(page: Page, method: 'post' | 'patch', path: string, data: object, version?: number): Promise<T> {
  const answer = await page.request[method](`/api/v1${path}`, {
    data,
    headers: {
      'idempotency-key': crypto.randomUUID(),
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as T;
}
async function got<T>(page: Page, path: string): Promise<T> {
  const answer = await page.request.get(`/api/v1${path}`);
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as T;
}
interface Made {
  id: string;
  number: number;
  version: number;
}
/** A dispute that quality is asked about, of 1,234.56 euros. */
async function askedOfQuality(page: Page): Promise<Made> {
  const { rows } = await got<{ rows: { id: string }[] }>(page, '/queue?view=everything&sort=overdue&limit=60');
  for (const row of rows) {
    const { items } = await got<{
      items: {
        id: string;
        kind: string;
        currency: string;
        openCents: number;
        disputedCents: number;
        awaitingCents: number;
      }[];
    }>(page, `/accounts/${row.id}/items?state=open&limit=100`);
    const item = items.find(
      (one) =>
        one.kind === 'invoice' &&
        one.currency === 'EUR' &&
        one.openCents > 200_000 &&
        one.disputedCents + one.awaitingCents === 0,
    );
    if (item === undefined) continue;
    let made = await sent<Made>(page, 'post', '/disputes', {
      accountId: row.id,
      reason: 'quality',
      items: [{ itemId: item.id, cents: 123_456 }],
    });
    const { id } = made;
    made = await sent<Made>(page, 'post', `/disputes/${id}/qualify`, { reason: 'quality' }, made.version);
    return await sent<Made>(
      page,
      'post',
      `/disputes/${id}/assign`,
      { department: 'quality', memberId: null, ask: 'Fondé ou non ?' },
      made.version,
    );
  }
  throw new Error('no invoice to contest in the demonstration');
}

const idOf = (members: readonly { id: string; name: string }[], name: string): string => {
  const found = members.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found.id;
};

test('quality finds on a phone what it is asked, with the amount that waits, and refuses it with the cause', async ({
  browser,
}) => {
  const [chloe, hugo] = await Promise.all([
    enter(browser, CHLOE),
    enter(browser, HUGO, { viewport: { width: 360, height: 740 } }),
  ]);
  const { id, number } = await askedOfQuality(chloe);
  await hugo.goto('/inbox');
  await live(hugo);
  const card = hugo.locator('[data-task]').filter({ has: hugo.locator(`a[href="/disputes/${id}"]`) });
  await expect(card).toContainText(`Litige n° ${number}`);
  await expect(card).toContainText(/Montant en attente\s*1\s?234,56\s€/);
  expect(await hugo.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  const act = card.getByRole('button', { name: 'Répondre', exact: true });
  expect((await act.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await act.click();
  const dialog = hugo.getByRole('dialog');
  await dialog.getByLabel('Non, nous la refusons').check();
  await dialog.getByRole('button', { name: 'Répondre' }).click();
  // without its cause it does not go
  await expect(dialog.getByRole('combobox', { name: 'Cause' })).toBeFocused();
  await dialog.getByRole('combobox', { name: 'Cause' }).selectOption('customer_error');
  await dialog.getByLabel('Précisions').fill('Palette abîmée après la remise.');
  await dialog.getByRole('button', { name: 'Répondre' }).click();
  await expect(dialog).toBeHidden();
  await expect(card).toHaveCount(0);
  const { dispute } = await got<{ dispute: Record<string, unknown> }>(chloe, `/disputes/${id}`);
  expect(dispute).toMatchObject({ answer: { decision: 'refused' }, rootCause: 'customer_error' });
});

test('a mention comes to the inbox at once, and what was read on one screen is read on the other', async ({
  browser,
}) => {
  const [chloe, hugo] = await Promise.all([enter(browser, CHLOE), enter(browser, HUGO)]);
  const { id } = await askedOfQuality(chloe);
  await sent(chloe, 'post', '/notifications/read', { ids: [] });
  const other = await chloe.context().newPage();
  await Promise.all([chloe.goto('/inbox'), other.goto('/accounts')]);
  for (const page of [chloe, other]) {
    await live(page);
    await expect(badge(page)).toHaveCount(0);
  }
  const { members } = await got<{ members: { id: string; name: string }[] }>(hugo, '/me');
  const text = 'Peux-tu rappeler le client avant midi ?';
  const mention = { type: 'mention', attrs: { kind: 'member', id: idOf(members, CHLOE), label: CHLOE } };
  await sent(hugo, 'post', `/disputes/${id}/messages`, {
    audience: 'internal',
    body: { type: 'doc', content: [{ type: 'paragraph', content: [mention, { type: 'text', text: ` ${text}` }] }] },
  });
  await expect(badge(chloe)).toHaveAttribute('data-unread', '1');
  await expect(badge(other)).toHaveAttribute('data-unread', '1');
  const line = chloe.locator('[data-notification]').filter({ hasText: text });
  const pill = chloe.getByRole('button', { name: /changement/ });
  await expect(pill.or(line).first()).toBeVisible();
  if (await pill.isVisible()) await pill.click();
  await expect(line).toHaveAttribute('data-read', 'false');
  await expect(line).toContainText(`${HUGO} vous mentionne`);
  await line.getByRole('button', { name: 'Marquer comme lue' }).click();
  await expect(line).toHaveCount(0);
  for (const page of [chloe, other]) await expect(badge(page)).toHaveCount(0);
});

test('filters of the disputes are kept under a name, and found again by it', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await page.goto('/disputes');
  await live(page);
  await page.getByRole('combobox', { name: 'Motif' }).selectOption('quality');
  await expect(page).toHaveURL(/reason=quality/);
  const views = page.locator('[data-saved-views="disputes"]');
  await views.getByRole('button', { name: 'Enregistrer la vue' }).click();
  await page.getByRole('dialog').getByLabel('Nom de la vue').fill('La qualité d’abord');
  await page.keyboard.press('Enter');
  const link = views.getByRole('link', { name: /La qualité d’abord/ });
  await expect(link).toHaveAttribute('aria-current', 'page');
  await page.goto('/disputes');
  await expect(link).not.toHaveAttribute('aria-current', 'page');
  await link.click();
  await expect(page).toHaveURL(/\/disputes\?reason=quality$/);
  await expect(link).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('combobox', { name: 'Motif' })).toHaveValue('quality');
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`[U2] inbox, webhooks and mails have no accessibility violations in the ${colorScheme} theme`, async ({
    browser,
  }) => {
    const [manager, ines] = await Promise.all([enter(browser, PHILIPPE), enter(browser, INES, { colorScheme })]);
    const { members } = await got<{ members: { id: string; name: string; version: number }[] }>(manager, '/members');
    const her = members.find(({ name }) => name === INES);
    if (her === undefined) throw new Error(`nobody is called ${INES}`);
    // the mails are for administrators alone, and the demonstration has none
    const admin = await sent<{ version: number }>(
      manager,
      'patch',
      `/members/${her.id}`,
      { role: 'admin' },
      her.version,
    );
    try {
      for (const screen of ['/inbox', '/admin/webhooks', '/admin/mails']) {
        await ines.goto(screen);
        await live(ines);
        await expect(ines).toHaveURL(new RegExp(`${screen}$`));
        const { violations } = await new AxeBuilder({ page: ines })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${screen} ${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
      }
    } finally {
      await sent(manager, 'patch', `/members/${her.id}`, { role: 'accounting' }, admin.version);
    }
  });
