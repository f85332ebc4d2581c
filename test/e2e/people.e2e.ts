import type { Browser, Page } from '@playwright/test';
import { startChildServer, type ChildServer } from '../support/child-server.ts';
import { expect, test } from '../support/journey.ts';

const PASSWORD = 'correct horse battery';
let server: ChildServer;

test.beforeAll(async () => {
  server = await startChildServer({ DEMO: 'off' });
});
test.afterAll(() => server.stop());

async function person(browser: Browser, options: { javaScriptEnabled?: boolean; locale?: string } = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.address, ...options });
  return context.newPage();
}

async function trySignIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Adresse e-mail').fill(email);
  await page.getByLabel('Mot de passe').fill(password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
}

async function signIn(page: Page, email: string): Promise<void> {
  await trySignIn(page, email);
  await expect(page).not.toHaveURL(/sign-in/);
}

test.describe.configure({ mode: 'serial' });

test('the first visitor sets up with the code of the log, and becomes manager', async ({ browser }) => {
  const page = await person(browser);
  await page.goto('/queue/today');
  await expect(page).toHaveURL(/\/set-up$/);
  const code = /set-up code\s+(\S+)/.exec(server.printed())?.[1] ?? '';
  expect(code).not.toBe('');
  await page.getByLabel('Code d’installation').fill('AAAAA-AAAAA-AAAAA-AAAAA');
  await page.getByLabel('Nom de la société').fill('Société Exemple');
  await page.getByLabel('Votre nom').fill('Nadia Benali');
  await page.getByLabel('Adresse e-mail').fill('nadia@example.com');
  await page.getByLabel('Choisissez un mot de passe').fill(PASSWORD);
  await page.getByRole('button', { name: 'Créer l’espace' }).click();
  await expect(page.getByText('Ce code n’est pas celui du journal du serveur.')).toBeVisible();
  await page.getByLabel('Code d’installation').fill(code.toLowerCase());
  await page.getByRole('button', { name: 'Créer l’espace' }).click();
  await expect(page).not.toHaveURL(/set-up/);
  await page.goto('/set-up');
  await expect(page).not.toHaveURL(/set-up/);
});

test('[A3] somebody joins by a link, and is out as soon as they are disabled', async ({ browser }) => {
  const manager = await person(browser);
  await signIn(manager, 'nadia@example.com');
  await manager.goto('/admin/members?invite');
  await manager.getByLabel('Adresse e-mail').fill('awa@example.com');
  await manager.getByLabel('Nom', { exact: true }).fill('Awa Diallo');
  await manager.getByRole('button', { name: 'Inviter' }).click();
  const link = await manager.getByRole('textbox', { name: 'Lien pour Awa Diallo' }).inputValue();

  const awa = await person(browser);
  await awa.goto(link);
  await expect(awa.getByRole('heading', { name: 'Bienvenue, Awa Diallo' })).toBeVisible();
  await awa.getByLabel('Choisissez un mot de passe').fill(PASSWORD);
  await awa.getByRole('button', { name: 'Rejoindre' }).click();
  await expect(awa).not.toHaveURL(/invitation/);
  const other = await person(browser);
  await other.goto(link);
  await expect(other.getByRole('heading', { name: 'Ce lien n’est plus valable.' })).toBeVisible();

  await manager.goto('/admin/members');
  await manager.getByRole('link', { name: 'Awa Diallo' }).click();
  await manager.getByRole('button', { name: 'Désactiver' }).click();
  await expect(manager.getByRole('button', { name: 'Réactiver' })).toBeVisible();
  expect((await awa.request.get('/api/v1/me')).status()).toBe(401);
  await awa.goto('/profile');
  await expect(awa).toHaveURL(/\/sign-in\?next=%2Fprofile$/);
  await trySignIn(awa, 'awa@example.com');
  await expect(awa.getByText('Adresse e-mail ou mot de passe incorrect.')).toBeVisible();

  await manager.getByRole('button', { name: 'Réactiver' }).click();
  await expect(manager.getByRole('button', { name: 'Désactiver' })).toBeVisible();
});

test('an absence names its substitute, and the last manager stays', async ({ browser }) => {
  const page = await person(browser);
  await signIn(page, 'nadia@example.com');
  await page.goto('/admin/members');
  await page.getByRole('link', { name: 'Awa Diallo' }).click();
  await page.getByLabel('Dernier jour').fill('2099-01-01');
  await page.getByRole('button', { name: 'Enregistrer l’absence' }).click();
  await expect(page.getByText('À choisir.')).toBeVisible();
  await page.getByRole('combobox', { name: 'Remplaçant' }).selectOption({ label: 'Nadia Benali' });
  await page.getByRole('button', { name: 'Enregistrer l’absence' }).click();
  await expect(page.getByText('Remplacé par Nadia Benali')).toBeVisible();
  await page.getByRole('button', { name: /De retour/ }).click();
  await expect(page.getByText('Remplacé par Nadia Benali')).toBeHidden();
  await page.getByRole('link', { name: 'Nadia Benali' }).click();
  await page.getByRole('button', { name: 'Désactiver' }).click();
  await expect(page.getByText('Il doit rester au moins un responsable actif.')).toBeVisible();
});

test('a token is shown once, opens what it was given, and ends when revoked', async ({ browser, request }) => {
  const page = await person(browser);
  await signIn(page, 'nadia@example.com');
  await page.goto('/admin/tokens');
  await page.getByLabel('À quoi sert-il ?').fill('Tableau de bord');
  await page.getByLabel('Lire la file').check();
  await page.getByRole('button', { name: 'Créer le jeton' }).click();
  const secret = await page.getByRole('textbox', { name: 'Jeton « Tableau de bord »' }).inputValue();
  const status = async (path: string): Promise<number> =>
    (
      await request.get(`${server.address}/api/v1/${path}`, { headers: { authorization: `Bearer ${secret}` } })
    ).status();
  expect(await status('queue')).toBe(200);
  expect(await status('members')).toBe(403);
  await page.reload();
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.getByRole('button', { name: 'Révoquer Tableau de bord' }).click();
  await expect(page.getByText('Révoqué', { exact: true })).toBeVisible();
  expect(await status('queue')).toBe(401);
});

test('signing in and out, profile and language work without script', async ({ browser }) => {
  const page = await person(browser, { javaScriptEnabled: false });
  await page.goto('/profile');
  await page.getByLabel('Adresse e-mail').fill('awa@example.com');
  await page.getByLabel('Mot de passe').fill('not the password');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page.getByText('Adresse e-mail ou mot de passe incorrect.')).toBeVisible();
  await expect(page.getByLabel('Adresse e-mail')).toHaveValue('awa@example.com');
  await page.getByLabel('Mot de passe').fill(PASSWORD);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page).toHaveURL(/\/profile$/);
  await page.getByRole('combobox', { name: 'Langue' }).selectOption('en');
  await page.getByRole('region', { name: 'Langue' }).getByRole('button', { name: 'Enregistrer' }).click();
  await expect(page.getByRole('heading', { name: 'My profile' })).toBeVisible();
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto('/profile');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fprofile$/);
});

test('[A10] the session’s cookie is out of scripts’ reach, and another site’s page cannot be the next one', async ({
  browser,
}) => {
  const page = await person(browser);
  await page.goto('/sign-in?next=https://evil.example/');
  await page.getByLabel('Adresse e-mail').fill('nadia@example.com');
  await page.getByLabel('Mot de passe').fill(PASSWORD);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  expect(new URL(page.url()).origin).toBe(server.address);
  const cookies = await page.context().cookies();
  expect(cookies.find(({ name }) => name === 'encours-session')).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  expect(await page.evaluate('document.cookie')).not.toContain('encours-session');
});
