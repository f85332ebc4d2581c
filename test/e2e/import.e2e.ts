import type { Browser, Locator, Page } from '@playwright/test';
import { startChildServer, type ChildServer } from '../support/child-server.ts';
import { expect, test } from '../support/journey.ts';

const PASSWORD = 'correct horse battery';
const TODAY = '2026-03-31';
const ACCOUNTS = 40;
const ITEMS_EACH = 100;
/** Those overdue on the day of the tests, and those not yet, alternate. */
const OVERDUE = { issued: '02/01/2026', due: '01/02/2026' };
const NOT_YET = { issued: '15/03/2026', due: '30/04/2026' };
const EACH_CENTS = 123_456;
const UNREADABLE_LINE = 3;

let server: ChildServer;
test.beforeAll(async () => {
  server = await startChildServer({ DEMO: 'off', ENCOURS_TODAY: TODAY });
});
test.afterAll(() => server.stop());
test.describe.configure({ mode: 'serial' });

/** An ageing as French software writes it: semicolons, Windows-1252, decimal commas, a column of its own. */
function ledger(): Buffer {
  const lines = [
    'Code client;Raison sociale;N° facture;Type de pièce;Date facture;Échéance;Montant TTC;Reste dû;Chantier',
  ];
  for (let item = 0; item < ITEMS_EACH; item += 1)
    for (let account = 0; account < ACCOUNTS; account += 1) {
      const number = String(account + 1).padStart(3, '0');
      const letter = String.fromCharCode(65 + (account % 26));
      const { issued, due } = item % 2 === 0 ? OVERDUE : NOT_YET;
      const day = lines.length + 1 === UNREADABLE_LINE ? '31/02/2026' : issued;
      lines.push(
        `C${number};${letter}teliers Éloi ${number};F${number}-${item};Facture;${day};${due};1 234,56;1 234,56;Pont n° ${item}`,
      );
    }
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

async function person(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.address });
  return context.newPage();
}
async function manager(browser: Browser): Promise<Page> {
  const page = await person(browser);
  await page.goto('/sign-in');
  await page.getByLabel('Adresse e-mail').fill('nadia@example.com');
  await page.getByLabel('Mot de passe').fill(PASSWORD);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  return page;
}

async function upload(page: Page): Promise<void> {
  await page.goto('/admin/imports');
  await expect(page.locator('[data-state="live"]')).toBeVisible();
  await page.locator('input[type="file"]').setInputFiles({
    name: 'balance.csv',
    mimeType: 'text/csv',
    buffer: ledger(),
  });
  await expect(page).toHaveURL(/\/admin\/imports\/.+/);
  await expect(page.getByText('à valider')).toBeVisible();
}
const figure = (page: Page, label: string): Locator =>
  page
    .locator('dl > div')
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator('dd');
const cents = (text: string | null): number =>
  Math.round(Number((text ?? '').replace(/[^\d,-]/g, '').replace(',', '.')) * 100);
/** As counts are shown: `3 999`. */
const counted = (count: number): string => new Intl.NumberFormat('fr-FR').format(count);
const READ = ACCOUNTS * ITEMS_EACH - 1;

/** What the manager's page says is open, and of it overdue, in cents. */
async function insights(page: Page): Promise<{ open: number; overdue: number }> {
  await page.goto('/insights');
  const section = page.locator('[data-currency="EUR"]');
  const shown = async (label: string): Promise<number> => {
    const one = section.getByRole('link').filter({ has: page.getByText(label, { exact: true }) });
    return cents(await one.locator('span').nth(1).textContent());
  };
  return { open: await shown('Encours'), overdue: await shown('Échu') };
}

test('a first manager and a collector come in', async ({ browser }) => {
  const page = await person(browser);
  await page.goto('/set-up');
  await page.getByLabel('Code d’installation').fill(/set-up code\s+(\S+)/.exec(server.printed())?.[1] ?? '');
  await page.getByLabel('Nom de la société').fill('Société Exemple');
  await page.getByLabel('Votre nom').fill('Nadia Benali');
  await page.getByLabel('Adresse e-mail').fill('nadia@example.com');
  await page.getByLabel('Choisissez un mot de passe').fill(PASSWORD);
  await page.getByRole('button', { name: 'Créer l’espace' }).click();
  await expect(page).not.toHaveURL(/set-up/);
  await page.goto('/admin/members?invite');
  await page.getByLabel('Adresse e-mail').fill('awa@example.com');
  await page.getByLabel('Nom', { exact: true }).fill('Awa Diallo');
  await page.getByRole('button', { name: 'Inviter' }).click();
  const awa = await person(browser);
  await awa.goto(await page.getByRole('textbox', { name: 'Lien pour Awa Diallo' }).inputValue());
  await awa.getByLabel('Choisissez un mot de passe').fill(PASSWORD);
  await awa.getByRole('button', { name: 'Rejoindre' }).click();
  await expect(awa).not.toHaveURL(/invitation/);
});

test('a manager uploads a ledger, corrects nothing, leaves a line out, and the team has its queue', async ({
  browser,
}) => {
  const page = await manager(browser);
  await upload(page);
  // what was detected, and how each column is understood
  await expect(page.getByLabel('Séparateur')).toHaveValue(';');
  await expect(page.getByLabel('Encodage')).toHaveValue('windows-1252');
  await expect(page.getByLabel('Dates', { exact: true })).toHaveValue('dmy');
  await expect(page.getByLabel('Décimales')).toHaveValue(',');
  for (const [column, field] of [
    ['Code client', 'accountNumber'],
    ['Raison sociale', 'accountName'],
    ['Échéance', 'dueDay'],
    ['Montant TTC', 'amount'],
    ['Reste dû', 'openAmount'],
    ['Chantier', ''],
  ] as const)
    await expect(page.getByRole('combobox', { name: column, exact: true })).toHaveValue(field);
  await expect(page.getByRole('cell', { name: 'Bteliers Éloi 002' }).first()).toBeVisible();
  await expect(figure(page, 'nouvelles')).toHaveText(counted(READ));
  await expect(figure(page, 'nouveaux comptes')).toHaveText(String(ACCOUNTS));
  await expect(figure(page, 'refusées')).toHaveText('1');
  const refused = page.getByRole('row').filter({ hasText: 'Date qui n’existe pas' });
  await expect(refused).toContainText(String(UNREADABLE_LINE));
  await expect(refused).toContainText('31/02/2026');

  const apply = page.getByRole('button', { name: 'Intégrer', exact: true });
  await expect(apply).toBeDisabled();
  await page.getByLabel('Laisser de côté les lignes refusées').check();
  await Promise.all([expect(page.getByRole('progressbar')).toBeVisible(), apply.click()]);
  await expect(page.getByText('Intégration terminée')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'Bilan' })).toBeVisible();
  await expect(figure(page, 'nouvelles')).toHaveText(counted(READ));
  await expect(page.getByText('intégré', { exact: true })).toBeVisible();

  expect(await insights(page)).toEqual({ open: READ * EACH_CENTS, overdue: ((READ - 1) / 2) * EACH_CENTS });
  await page.goto('/queue/today');
  await expect(page.getByRole('grid').getByRole('link', { name: 'Ateliers Éloi 001' })).toBeVisible();
});

test('the same file once more changes nothing', async ({ browser }) => {
  const page = await manager(browser);
  const before = await insights(page);
  await upload(page);
  await expect(figure(page, 'nouvelles')).toHaveText('0');
  await expect(figure(page, 'modifiées')).toHaveText('0');
  await expect(figure(page, 'inchangées')).toHaveText(counted(READ));
  await page.getByLabel('Laisser de côté les lignes refusées').check();
  await page.getByRole('button', { name: 'Intégrer', exact: true }).click();
  await expect(page.getByText('Intégration terminée')).toBeVisible({ timeout: 30_000 });
  await expect(figure(page, 'nouvelles')).toHaveText('0');
  await expect(figure(page, 'comptes modifiés')).toHaveText('0');
  expect(await insights(page)).toEqual(before);
});

test('[OWN-5] accounts without an owner are given out by rule, after a preview', async ({ browser }) => {
  const page = await manager(browser);
  await page.goto('/insights');
  await page.getByRole('link', { name: 'Attribuer les comptes' }).click();
  await expect(page.getByText(`${ACCOUNTS} comptes`, { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Aperçu' }).click();
  await expect(page.getByText('Choisissez au moins une personne.')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Nadia Benali' }).check();
  await page.getByRole('checkbox', { name: 'Awa Diallo' }).check();
  await page.getByRole('button', { name: 'Aperçu' }).click();
  const half = `${ACCOUNTS / 2} comptes`;
  await expect(page.getByText(`Awa Diallo · ${half}`)).toBeVisible();
  await expect(page.getByText(`Nadia Benali · ${half}`)).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Ateliers Éloi 001' })).toBeVisible();
  // nothing is given before one says so
  const queue = async (): Promise<{ ownerId: string }[]> =>
    (
      (await (await page.request.get('/api/v1/queue?view=everything&limit=100')).json()) as {
        rows: { ownerId: string }[];
      }
    ).rows;
  expect((await queue()).every(({ ownerId }) => ownerId === 'none')).toBe(true);
  await page.getByRole('button', { name: `Attribuer ${ACCOUNTS} comptes` }).click();
  await expect(page.getByText('Comptes attribués.')).toBeVisible();
  await expect(page.getByText('Tous les comptes ont un responsable')).toBeVisible();
  const owners = (await queue()).map(({ ownerId }) => ownerId);
  expect(new Set(owners).size).toBe(2);
  expect(owners).not.toContain('none');
});
