import type { Browser, Locator, Page } from '@playwright/test';
import { enterByHand } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** Everybody a day's work needs, side by side in the demonstration. */
const CHLOE = 'Chloé Vaudran';
const KARIM = 'Karim Belvossac';
const HUGO = 'Hugo Tressanne';
const PHILIPPE = 'Philippe Garronnel';

async function enter(browser: Browser, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await enterByHand(page, name);
  return page;
}
const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();
const events = (page: Page, name: string): Locator => page.locator(`#timeline [data-event="${name}"]`);
const editor = (page: Page): Locator => page.locator('#note [contenteditable="true"]');

interface Row {
  id: string;
  name: string;
  claimedBy: string;
  netCents: number;
}
/** Free accounts of one owner with something to chase. */
async function free(page: Page, ownerId: string): Promise<Row[]> {
  const answer = await page.request.get(`/api/v1/queue?view=today&owner=${ownerId}&limit=50`);
  const { rows } = (await answer.json()) as { rows: Row[] };
  return rows.filter((row) => row.claimedBy === 'none' && row.netCents > 0);
}
async function myself(page: Page): Promise<string> {
  return ((await (await page.request.get('/api/v1/me')).json()) as { member: { id: string } }).member.id;
}
async function open(page: Page, id: string): Promise<void> {
  await page.goto(`/accounts/${id}`);
  await live(page);
}
async function menu(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Autres actions' }).click();
  await page.getByRole('menuitem', { name }).click();
}
/** Chooses a person in an open dialog's list. */
async function choose(page: Page, name: string): Promise<void> {
  await page
    .getByRole('dialog')
    .getByRole('combobox')
    .fill(name.split(' ')[0] ?? '');
  await page
    .getByRole('listbox')
    .getByRole('option', { name: new RegExp(name) })
    .click();
}

test('[CLM-1] [OWN-6] a case is taken, written about together, promised for, and reassigned while its collector types', async ({
  browser,
}) => {
  const [chloe, karim, philippe] = await Promise.all([
    enter(browser, CHLOE),
    enter(browser, KARIM),
    enter(browser, PHILIPPE),
  ]);
  const queue = `/queue/today?owner=${await myself(chloe)}`;
  for (const page of [chloe, karim]) {
    await page.goto(queue);
    await live(page);
  }
  await chloe.getByRole('button', { name: 'Prendre le suivant' }).first().click();
  await chloe.waitForURL(/\/accounts\//);
  const id = new URL(chloe.url()).pathname.split('/').at(-1) ?? '';
  const row = karim.locator(`[data-id="${id}"]`);
  await expect(row.locator('[data-claim="other"]')).toContainText(CHLOE);
  await row.getByRole('link').first().click();
  await karim.waitForURL(new RegExp(id));
  await expect(karim.locator('[data-claim="other"]')).toContainText(CHLOE);
  await karim.getByRole('button', { name: /Commencer un appel/ }).click();
  await expect(karim.getByText(/Chloé Vaudran a déjà pris ce compte en charge/)).toBeVisible();

  await chloe.keyboard.press('n');
  await expect(editor(chloe)).toBeFocused();
  await chloe.keyboard.type('Le comptable rappelle mardi.');
  await expect(editor(karim)).toContainText('Le comptable rappelle mardi.');
  await editor(karim).click();
  await karim.keyboard.press('Control+End');
  await karim.keyboard.type(' Demander Mme Ferrand.');
  await expect(editor(chloe)).toContainText('Le comptable rappelle mardi. Demander Mme Ferrand.');
  // her caret stands between the two sentences, with her name
  await expect(editor(karim)).toContainText('Le comptable rappelle mardi.Chloé Vaudran Demander Mme Ferrand.');
  for (const page of [chloe, karim]) await expect(page.locator('#note [data-save="saved"]')).toBeVisible();
  await chloe.keyboard.press('Escape');
  await editor(chloe).blur();

  await chloe.keyboard.press('p');
  await expect(chloe.locator('[data-amount]')).toHaveValue(/\d,\d\d$/);
  await chloe.keyboard.press('Enter');
  await expect(chloe.getByRole('dialog')).toHaveCount(0);
  await expect(karim.locator('[data-promise="open"]')).toHaveCount(1);
  await expect(events(karim, 'promise.made').first()).toContainText('Chloé Vaudran a noté une promesse de');

  await chloe.keyboard.press('w');
  await chloe.getByLabel('Ce qui a été dit').fill('Veut un duplicata de la facture');
  await open(philippe, id);
  await philippe.keyboard.press('a');
  await choose(philippe, KARIM);
  await expect(philippe.getByRole('dialog').getByText('Changera')).toBeVisible();
  await Promise.all([
    expect(chloe.getByText(/Philippe Garronnel a confié .+ à un autre responsable/)).toBeVisible(),
    expect(karim.getByText(/Philippe Garronnel vous a confié/)).toBeVisible(),
    philippe.getByRole('button', { name: 'Réaffecter 1 compte' }).click(),
  ]);
  await expect(chloe.locator('[data-news="reassigned"]')).toContainText(`a confié ce compte à ${KARIM}`);
  await expect(chloe.getByLabel('Ce qui a été dit')).toHaveValue('Veut un duplicata de la facture');
  await chloe.getByRole('dialog').getByText('Message laissé').click();
  await chloe.getByRole('dialog').getByRole('button', { name: 'Noter', exact: false }).last().click();
  await expect(events(karim, 'contact.recorded').first()).toContainText('Veut un duplicata de la facture');
});

test('[CLM-5] [CLM-6] [CAS-10] a claim is handed over, broken with a reason, and the case postponed with a reason, each seen at once', async ({
  browser,
}) => {
  const [chloe, karim, philippe] = await Promise.all([
    enter(browser, CHLOE),
    enter(browser, KARIM),
    enter(browser, PHILIPPE),
  ]);
  const id = (await free(chloe, await myself(chloe)))[1]?.id ?? '';
  await open(chloe, id);
  await karim.goto('/queue/today');
  await live(karim);
  await chloe.keyboard.press('c');
  await expect(chloe.locator('[data-claim="mine"]')).toBeVisible();
  await menu(chloe, 'Transmettre');
  await choose(chloe, KARIM);
  await chloe.getByRole('dialog').getByRole('button', { name: 'Transmettre' }).click();
  await expect(karim.getByText(/Chloé Vaudran vous a transmis/)).toBeVisible();
  await expect(chloe.locator('[data-claim="other"]')).toContainText(KARIM);
  await open(karim, id);
  await expect(karim.locator('[data-claim="mine"]')).toBeVisible();

  await open(philippe, id);
  await menu(philippe, 'Mettre fin à la prise en charge');
  await philippe.getByRole('dialog').getByLabel('Motif').fill('Karim part en formation');
  await philippe.getByRole('dialog').getByRole('button', { name: 'Mettre fin à la prise en charge' }).click();
  await expect(karim.locator('[data-news="claim_broken"]')).toContainText(PHILIPPE);
  await expect(karim.getByText('Motif : Karim part en formation')).toBeVisible();
  for (const page of [chloe, karim]) await expect(page.locator('[data-claim="free"]')).toBeVisible();

  await chloe.keyboard.press('s');
  const dialog = chloe.getByRole('dialog', { name: 'Reporter ce compte' });
  await dialog.getByLabel('Motif du report').fill('Fermeture annuelle du client');
  await dialog.getByRole('button', { name: 'dans 7 jours' }).click();
  await dialog.getByRole('button', { name: 'Reporter', exact: true }).click();
  await expect(karim.getByText('Reporté : Fermeture annuelle du client')).toBeVisible();
});

test('[TSK-4] what quality is asked for waits in its inbox, and its answer is on the account at once', async ({
  browser,
}) => {
  const [chloe, hugo] = await Promise.all([enter(browser, CHLOE), enter(browser, HUGO)]);
  const id = (await free(chloe, await myself(chloe)))[2]?.id ?? '';
  await open(chloe, id);
  await hugo.goto('/inbox');
  await live(hugo);
  await chloe.keyboard.press('t');
  const dialog = chloe.getByRole('dialog', { name: 'Demander une tâche' });
  await dialog.getByLabel('À qui').selectOption('dept:quality');
  await dialog.getByLabel('Ce qui est demandé').fill('Retrouver le rapport du lot 4417');
  await dialog.getByRole('button', { name: 'Demander' }).click();
  await expect(dialog).toHaveCount(0);
  await hugo.getByRole('button', { name: /changement/ }).click();
  const waiting = hugo.locator('[data-task]').filter({ hasText: 'Retrouver le rapport du lot 4417' });
  await waiting.getByRole('button', { name: 'Fait' }).click();
  await hugo.getByRole('dialog').getByLabel('Réponse').fill('Rapport joint au dossier');
  await hugo.getByRole('dialog').getByRole('button', { name: 'Fait' }).click();
  await expect(waiting).toHaveCount(0);
  await expect(events(chloe, 'task.done').first()).toContainText('Rapport joint au dossier');
  await expect(chloe.locator('[data-task]').filter({ hasText: 'lot 4417' }).getByText('Faite')).toBeAttached();
});
