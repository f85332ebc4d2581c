import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { enter } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** Two collectors, quality and the manager of the demonstration, side by side. */
const CHLOE = 'Chloé Vaudran';
const KARIM = 'Karim Belvossac';
const PHILIPPE = 'Philippe Garronnel';

const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();
const dialog = (page: Page): Locator => page.getByRole('dialog');
const figure = (page: Page, name: string): Locator => page.locator(`[data-figure="${name}"]`);

interface Item {
  id: string;
  number: string;
  kind: string;
  currency: string;
  openCents: number;
  disputedCents: number;
  awaitingCents: number;
}
interface Found {
  accountId: string;
  item: Item;
}
/** Undisputed invoices in euros, one of each account; every test takes another. */
async function invoice(page: Page, index: number): Promise<Found> {
  const answer = await page.request.get('/api/v1/queue?view=everything&sort=overdue&limit=60');
  const { rows } = (await answer.json()) as { rows: { id: string; netCents: number }[] };
  let left = index;
  for (const row of rows.filter(({ netCents }) => netCents > 0)) {
    const page_ = await page.request.get(`/api/v1/accounts/${row.id}/items?state=open&limit=100`);
    const { items } = (await page_.json()) as { items: Item[] };
    const item = items.find(
      (one) =>
        one.kind === 'invoice' &&
        one.currency === 'EUR' &&
        one.openCents > 300_000 &&
        one.disputedCents + one.awaitingCents === 0,
    );
    if (item !== undefined && left-- === 0) return { accountId: row.id, item };
  }
  throw new Error('no such invoice in the demonstration');
}
/** A dispute made over the API: the tests are about what follows. */
async function contested(page: Page, { accountId, item }: Found, cents: number, steps: string[] = []): Promise<string> {
  let version: number | null = null;
  const send = async (path: string, data: object): Promise<{ id: string; version: number }> => {
    const answer = await page.request.post(`/api/v1/disputes${path}`, {
      data,
      headers: version === null ? {} : { 'if-match': `"${version}"` },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    return (await answer.json()) as { id: string; version: number };
  };
  const made = await send('', { accountId, reason: 'quality', items: [{ itemId: item.id, cents }] });
  version = made.version;
  for (const step of steps) {
    const input = step === 'qualify' ? { reason: 'quality' } : { department: 'quality', memberId: null };
    ({ version } = await send(`/${made.id}/${step}`, input));
  }
  return made.id;
}
const euros = (cents: number): RegExp =>
  new RegExp(
    `${String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, '\\s?')},${String(cents % 100).padStart(2, '0')}`,
  );

test('[DIS-7] a part of an invoice is contested by keys alone; the rest stays due, and the other sees it at once', async ({
  browser,
}) => {
  const [chloe, karim] = await Promise.all([enter(browser, CHLOE), enter(browser, KARIM)]);
  const found = await invoice(chloe, 0);
  await karim.goto('/disputes?view=everything&sort=newest');
  await live(karim);
  await chloe.goto(`/accounts/${found.accountId}`);
  await live(chloe);
  await chloe.keyboard.press('d');
  await expect(dialog(chloe).getByRole('heading', { name: 'Ouvrir un litige' })).toBeVisible();
  const amount = dialog(chloe).getByRole('textbox', { name: new RegExp(found.item.number) });
  await amount.focus();
  await chloe.keyboard.type('2400,00');
  await dialog(chloe).getByRole('combobox', { name: 'Motif' }).selectOption('quality');
  await expect(dialog(chloe).locator('[data-consequences]')).toContainText('sort du recouvrement');
  await expect(dialog(chloe).locator('[data-consequences]')).toContainText('Qualité');
  await chloe.keyboard.press('Enter');
  await expect(chloe.getByText(/Litige \d+ ouvert\./)).toBeVisible();
  const panel = chloe.locator('#disputes');
  await expect(panel.getByText(/Qualité/).first()).toBeVisible();
  const row = chloe.locator(`[data-item="${found.item.number}"]`);
  await expect(row.locator('[data-blocked="warn"]').first()).toContainText(/2\s?400,00\s€ contesté sur/);
  // the list of the other does not move by itself: it says that something came
  const pill = karim.getByRole('button', { name: /1 changement, actualiser/ });
  await expect(pill).toBeVisible();
  await pill.click();
  await expect(karim.locator('tr[data-id]').first()).toContainText(found.item.number);
});

test('[DIS-6] [DIS-9] a resolution is split with its consequences said, and both screens show what it leaves', async ({
  browser,
}) => {
  const [chloe, karim] = await Promise.all([enter(browser, CHLOE), enter(browser, KARIM)]);
  const id = await contested(chloe, await invoice(chloe, 2), 240_000, ['qualify', 'assign']);
  for (const page of [chloe, karim]) {
    await page.goto(`/disputes/${id}`);
    await live(page);
  }
  // each sees that the other is here
  await expect(chloe.locator('[data-here]')).toContainText(KARIM);
  await chloe.keyboard.press('e');
  const split = dialog(chloe);
  await split.getByRole('textbox', { name: 'Avoir à établir' }).fill('1800');
  await expect(split.locator('[data-remainder]')).toHaveAttribute('data-remainder', '60000');
  await split.getByRole('button', { name: 'Résoudre' }).click();
  await expect(split.locator('[data-remainder]')).toBeVisible();
  await split.getByRole('button', { name: 'Mettre le reste ici: Rejeté : de nouveau dû' }).click();
  await expect(split.locator('[data-consequences]')).toContainText(/1\s?800,00\s€ attend l’avoir/);
  await expect(split.locator('[data-consequences]')).toContainText(/600,00\s€ est de nouveau exigible/);
  // a rejected part without a word to the customer is refused in words
  await split.getByRole('button', { name: 'Résoudre' }).click();
  await expect(split.getByText('Une part rejetée demande une réponse écrite au client.')).toBeVisible();
  await split.getByLabel('Réponse écrite au client').fill('Nous créditons les palettes manquantes ; le reste est dû.');
  await split.getByRole('button', { name: 'Résoudre' }).click();
  await expect(split).toBeHidden();
  for (const page of [chloe, karim]) {
    await expect(page.locator('[data-steps]').getByText('Résolu')).toBeVisible();
    await expect(figure(page, 'awaiting')).toContainText(euros(180_000));
  }
  await karim.goto(`/disputes/${id}?tab=timeline`);
  await expect(karim.locator('[data-event="dispute.resolved"]')).toBeVisible();
});

test('a change by somebody else is said while one fills in, and nothing is done on what has changed', async ({
  browser,
}) => {
  const [chloe, philippe] = await Promise.all([enter(browser, CHLOE), enter(browser, PHILIPPE)]);
  const id = await contested(chloe, await invoice(chloe, 4), 100_000, ['qualify', 'assign']);
  for (const page of [chloe, philippe]) {
    await page.goto(`/disputes/${id}`);
    await live(page);
  }
  await chloe.keyboard.press('w');
  await dialog(chloe).getByLabel('Ce qui est attendu de lui').fill('Les photos des palettes');
  await philippe.keyboard.press('a');
  await dialog(philippe).getByRole('combobox', { name: 'Service qui règle' }).selectOption('logistics');
  await dialog(philippe).getByRole('button', { name: 'Confier' }).click();
  await expect(dialog(philippe)).toBeHidden();
  const conflict = dialog(chloe).locator('[data-conflict]');
  await expect(conflict).toContainText(PHILIPPE);
  await expect(dialog(chloe).getByRole('button', { name: 'Suspendre le délai' })).toBeDisabled();
  // what was typed is still there, and goes once it was looked at again
  await conflict.getByRole('button', { name: 'Relire, puis continuer' }).click();
  await expect(dialog(chloe).getByLabel('Ce qui est attendu de lui')).toHaveValue('Les photos des palettes');
  await dialog(chloe).getByRole('button', { name: 'Suspendre le délai' }).click();
  await expect(dialog(chloe)).toBeHidden();
  await expect(chloe.locator('[data-news]')).toContainText('Logistique');
  await expect(philippe.locator('[data-steps]').getByText('Attente du client')).toBeVisible();
  await expect(philippe.locator('[data-timing="stopped"]').first()).toBeVisible();
});

test('the list and the board are walked by keys, and the strip beside the dispute too', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await page.goto('/accounts');
  await live(page);
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page).toHaveURL(/\/disputes$/);
  await live(page);
  await page.keyboard.press('j');
  const active = page.locator('tr[data-active]');
  await expect(active).toHaveCount(1);
  const second = (await active.getAttribute('data-id')) ?? '';
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/disputes/${second}\\?from=`));
  await live(page);
  await page.keyboard.press('k');
  await expect(page).not.toHaveURL(new RegExp(second));
  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(second));
  await page.keyboard.press('u');
  await expect(page).toHaveURL(/\/disputes$/);
  await page.keyboard.press('b');
  await expect(page.locator('[data-board="state"]')).toBeVisible();
  await page.getByRole('combobox', { name: 'Colonnes' }).selectOption('department');
  await expect(page.locator('[data-board="department"] [data-column]').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Colonnes' }).selectOption('amount');
  const band = page.locator('[data-board="amount"] [data-column="below_2000"]');
  const count = Number(await band.locator('h2 span').textContent());
  expect(count).toBeGreaterThan(0);
  await band.getByRole('link', { name: /De 500 à 2/ }).click();
  await expect(page).toHaveURL(/fromCents=50000&belowCents=200000/);
  await expect(page.locator('tr[data-id]')).toHaveCount(count);
  await expect(page.getByRole('link', { name: /Retirer le filtre « Contesté : De 500 à 2/ })).toBeVisible();
});

test('[DIS-12] what payments let suppose: one person confirms, another dismisses with a reason, each seen at once by both', async ({
  browser,
}) => {
  const chloe = await enter(browser, CHLOE);
  await chloe.goto('/disputes');
  const boss = await enter(browser, PHILIPPE);
  await boss.goto('/disputes?as=board');
  const found: string[] = [];
  for (const page of [chloe, boss]) {
    await live(page);
    await page.locator('[data-proposals] summary').click();
    await expect(page.locator('[data-proposal]').first()).toBeVisible();
  }
  for (const one of await chloe.locator('[data-proposal]').all())
    found.push((await one.getAttribute('data-proposal')) ?? '');
  const [confirmed = '', dismissed = ''] = found;
  const proposal = (page: Page, number: string): Locator => page.locator(`[data-proposal="${number}"]`);
  const said = proposal(boss, dismissed);
  await expect(said).toContainText(/Les suivantes sont payées, pas celle-ci|Réglée en partie/);
  const account = (await said.getByRole('link').first().getAttribute('href')) ?? '';

  await proposal(chloe, confirmed).getByRole('button', { name: 'Confirmer' }).click();
  await dialog(chloe).getByRole('combobox', { name: 'Motif' }).selectOption('price');
  await dialog(chloe).getByRole('button', { name: 'Confirmer' }).click();
  await expect(proposal(chloe, confirmed)).toHaveCount(0);
  await expect(proposal(boss, confirmed)).toHaveCount(0);

  await said.getByRole('button', { name: 'Écarter' }).click();
  await dialog(boss).getByRole('textbox').fill('Réglé par traite, à échoir en décembre');
  await dialog(boss).getByRole('button', { name: 'Écarter' }).click();
  await expect(said).toHaveCount(0);
  await expect(proposal(chloe, dismissed)).toHaveCount(0);
  await expect(chloe.locator('[data-proposal]')).toHaveCount(found.length - 2);

  await chloe.getByRole('button', { name: /^Voir/ }).click();
  await expect(chloe).toHaveURL(/\/disputes\/[\w-]+$/);
  await expect(chloe.locator('[data-fact="reason"]')).toHaveText('Prix');
  await expect(chloe.getByText(confirmed).first()).toBeVisible();
  await chloe.goto(account);
  await live(chloe);
  await expect(chloe.getByText('Réglé par traite, à échoir en décembre')).toBeVisible();
  await expect(proposal(chloe, dismissed)).toHaveCount(0);
});

test('bank details call for a check first, and another department is asked without the dispute leaving its own', async ({
  browser,
}) => {
  const page = await enter(browser, PHILIPPE);
  await page.goto('/disputes?reason=bank_details');
  await page.locator('tr[data-id] a').first().click();
  await live(page);
  await expect(page.locator('[data-fraud]')).toContainText('contre-appel');
  const department = await page.locator('[data-fact="department"]').textContent();
  await page.locator('[data-ask-task]').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Le litige reste confié à qui l’a');
  await expect(dialog.getByLabel('Nature').locator('option[value="answer_dispute"]')).toHaveCount(0);
  await dialog.getByLabel('À qui').selectOption('dept:sales');
  await dialog.getByLabel('Ce qui est demandé').fill('Qui a demandé le changement de RIB ?');
  await dialog.getByRole('button', { name: 'Demander' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Qui a demandé le changement de RIB ?')).toBeVisible();
  await expect(page.locator('[data-fact="department"]')).toHaveText(department ?? '');
});

test('the causes lead to the disputes that they count', async ({ browser }) => {
  const page = await enter(browser, CHLOE);
  await page.goto('/insights/disputes');
  const bar = page.locator('[data-pareto="EUR"] a[data-bar]').first();
  await expect(bar).toHaveAttribute('aria-label', /cumulés/);
  await bar.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/disputes\?.*reason=/);
  await expect(page.locator('tr[data-id]').first()).toBeVisible();
});

test('a step works without script', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const id = await contested(chloe, await invoice(chloe, 6), 50_000);
  const plain = await enter(browser, CHLOE, { javaScriptEnabled: false });
  await plain.goto(`/disputes/${id}`);
  await plain.getByRole('link', { name: /^Qualifier/ }).click();
  await plain.locator('#write').getByRole('combobox', { name: 'Motif' }).selectOption('price');
  await plain.locator('#write').getByRole('button', { name: 'Qualifier' }).click();
  await expect(plain.locator('[data-fact="reason"]')).toHaveText('Prix');
  await expect(plain.locator('[data-steps]').getByText('Qualifié')).toBeVisible();
});

const SCREENS = ['/disputes', '/disputes?as=board&by=reason', '/insights/disputes'] as const;
for (const colorScheme of ['light', 'dark'] as const)
  test(`[U2] the screens of disputes have no accessibility violations in the ${colorScheme} theme, in French and English`, async ({
    browser,
  }) => {
    test.setTimeout(180_000);
    const page = await enter(browser, KARIM, { colorScheme });
    const id = await contested(page, await invoice(page, colorScheme === 'light' ? 8 : 10), 70_000, [
      'qualify',
      'assign',
    ]);
    const look = async (name: string): Promise<void> => {
      await page.waitForLoadState('networkidle');
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze();
      expect(violations.map(({ id: rule, nodes }) => `${name} ${rule} ${nodes[0]?.html ?? ''}`)).toEqual([]);
    };
    for (const screen of SCREENS) {
      await page.goto(screen);
      await live(page);
      await look(screen);
    }
    await page.goto(`/disputes/${id}?from=view%3Dlive`);
    await live(page);
    await look('dispute');
    await page.keyboard.press('e');
    await expect(dialog(page)).toBeVisible();
    await look('resolve');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Menu de/ }).click();
    await page.getByRole('menuitem', { name: 'English' }).click();
    await expect(page.getByRole('link', { name: 'Back to disputes' })).toBeVisible();
    await look('dispute in English');
    await page.getByRole('button', { name: /Menu of/ }).click();
    await page.getByRole('menuitem', { name: 'Français' }).click();
    await expect(page.getByRole('link', { name: 'Retour aux litiges' })).toBeVisible();
  });

test('[U4] nothing of the disputes overflows a phone of 360 px', async ({ browser }) => {
  const page = await enter(browser, CHLOE, { viewport: { width: 360, height: 740 } });
  const id = await contested(page, await invoice(page, 12), 30_000);
  for (const screen of ['/disputes', '/disputes?as=board', `/disputes/${id}?facts=1`, '/insights/disputes']) {
    await page.goto(screen);
    await live(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), screen).toBeLessThanOrEqual(0);
  }
  await page.goto(`/disputes/${id}`);
  await expect(page.locator('#facts')).toBeHidden();
  await page.getByRole('button', { name: 'Montants, échéance, pièces' }).click();
  await expect(page.locator('#facts')).toBeVisible();
});
