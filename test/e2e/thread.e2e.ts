import AxeBuilder from '@axe-core/playwright';
import type { APIRequestContext, Browser, BrowserContextOptions, Locator, Page } from '@playwright/test';
import { alarmsOf, enter as enterAs } from '../support/e2e-people.ts';
import { pdfOf, png } from '../support/files.ts';
import { expect, test } from '../support/journey.ts';

/** A collector of each portfolio, the manager, quality and a sales rep of the demonstration. */
const CHLOE = 'Chloé Vaudran';
const KARIM = 'Karim Belvossac';
const PHILIPPE = 'Philippe Garronnel';
const HUGO = 'Hugo Tressanne';
const NADEGE = 'Nadège Orlivrin';

/** Each would open a dialog, or break the page, where it is taken for anything but text. */
const CORPUS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)>',
  '<a href="javascript:alert(4)">clic</a>',
  '<iframe srcdoc="<script>alert(6)</script>"></iframe>',
  "' onmouseover='alert(7)' autofocus onfocus='alert(7)",
  '&lt;script&gt;alert(8)&lt;/script&gt; &amp;#60;',
  '</textarea></title></style></script><script>alert(11)</script>',
  '\u202egnp.tnemyap alert(13)\u202c',
];
const DANGEROUS = [
  'img[onerror]',
  'img[src="x"]',
  'svg[onload]',
  'iframe',
  '[onmouseover]',
  '[onfocus]',
  'a[href^="javascript" i]',
].join(', ');

interface Watched {
  page: Page;
  alarms: string[];
}

async function enter(browser: Browser, name: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const page = await enterAs(browser, name, {
    viewport: { width: 1440, height: 1000 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  return { page, alarms: await alarmsOf(page) };
}

let taken = 0;
/** A live dispute that no other test of this file writes in. */
async function dispute(page: Page): Promise<string> {
  const answer = await page.request.get('/api/v1/disputes?limit=50');
  const { disputes } = (await answer.json()) as { disputes: { id: string; state: string }[] };
  const live = disputes.filter(({ state }) => state !== 'closed' && state !== 'resolved');
  const found = live[taken];
  if (found === undefined) throw new Error('no such dispute in the demonstration');
  taken += 1;
  return found.id;
}
/** One that the quality department owns: its people see it. */
async function qualityDispute(page: Page): Promise<string> {
  const queue = await page.request.get('/api/v1/queue?view=everything&limit=60');
  const { rows } = (await queue.json()) as { rows: { id: string }[] };
  for (const row of rows) {
    const found = await page.request.get(`/api/v1/accounts/${row.id}/items?state=open&limit=50`);
    const { items } = (await found.json()) as {
      items: { id: string; kind: string; openCents: number; disputed: boolean; disputedCents: number }[];
    };
    const free = items.find(
      (item) => item.kind === 'invoice' && item.openCents > 0 && !item.disputed && item.disputedCents === 0,
    );
    if (free === undefined) continue;
    const answer = await page.request.post('/api/v1/disputes', {
      headers: { 'idempotency-key': crypto.randomUUID() },
      data: { accountId: row.id, items: [{ itemId: free.id }], reason: 'quality' },
    });
    if (answer.ok()) return ((await answer.json()) as { id: string }).id;
  }
  throw new Error('no invoice to contest in the demonstration');
}
const composer = (page: Page, audience = 'internal'): Locator => page.locator(`[data-composer="${audience}"]`);
const written = (page: Page, audience = 'internal'): Locator =>
  composer(page, audience).locator('[contenteditable="true"]');
const messages = (page: Page, text: string | RegExp): Locator =>
  page.locator('[data-message]').filter({ hasText: text });

async function open(page: Page, id: string, rest = ''): Promise<void> {
  await page.goto(`/disputes/${id}${rest}`);
  await expect(page.locator('[data-state="live"]')).toBeVisible();
  await expect(page.locator('[data-post]')).toBeEnabled();
}
/** Begins a message, or goes on with the draft that is there. */
async function begin(page: Page, audience = 'internal'): Promise<void> {
  const start = composer(page, audience).locator('[data-start]');
  await expect(start.or(written(page, audience))).toBeVisible();
  if (await start.isVisible()) await start.click();
  else await written(page, audience).click();
  await expect(written(page, audience)).toBeFocused();
  await page.keyboard.press('Control+End');
}
async function say(page: Page, text: string, audience = 'internal'): Promise<void> {
  await begin(page, audience);
  await page.keyboard.insertText(text);
  await page.keyboard.press('Control+Enter');
  await expect(messages(page, text.slice(0, 40)).first()).toBeVisible();
  await expect(composer(page, audience).locator('[data-start]')).toBeVisible();
}
async function menu(page: Page, message: Locator, item: string | RegExp): Promise<void> {
  await message.getByRole('button', { name: /Actions sur le message/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
}
async function unread(page: Page): Promise<{ kind: string; disputeId: string | null; messageId: string | null }[]> {
  const answer = await page.request.get('/api/v1/notifications?unread=true&limit=100');
  const { notifications } = (await answer.json()) as {
    notifications: { kind: string; disputeId: string | null; messageId: string | null }[];
  };
  return notifications;
}

test('two people write one answer, see each other by name, and post it once with its file', async ({ browser }) => {
  const [chloe, karim] = await Promise.all([enter(browser, CHLOE), enter(browser, KARIM)]);
  const id = await dispute(chloe.page);
  await Promise.all([open(chloe.page, id), open(karim.page, id)]);
  await begin(chloe.page);
  await chloe.page.keyboard.insertText('La palette est arrivée incomplète.');
  await expect(written(karim.page)).toContainText('La palette est arrivée incomplète.');
  await begin(karim.page);
  await karim.page.keyboard.insertText(' Deux colis manquent, voir ');
  await karim.page.keyboard.type('@Phil');
  await karim.page.getByRole('option', { name: PHILIPPE }).click();
  await karim.page.keyboard.type('et #');
  await karim.page.getByRole('option').first().click();
  await expect(composer(chloe.page).locator('.note-caret-name')).toHaveText(KARIM);
  await expect(composer(chloe.page).locator('[data-helpers]')).toHaveText(`${KARIM} écrit avec vous`);

  // one undoes one's own words only
  await chloe.page.keyboard.insertText(' À jeter');
  await expect(written(karim.page)).toContainText('À jeter');
  await chloe.page.keyboard.press('Control+z');
  await expect(written(karim.page)).not.toContainText('À jeter');
  await expect(written(karim.page)).toContainText('Deux colis manquent');

  await chloe.page.locator('[data-pick]').setInputFiles([
    { name: 'palette.png', mimeType: 'image/png', buffer: png() },
    { name: 'bon de livraison.pdf', mimeType: 'application/pdf', buffer: pdfOf('Bon de livraison 4711') },
    { name: 'outil.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ\u0090\u0000\u0003') },
  ]);
  await expect(chloe.page.locator('[data-waiting-files] li img')).toHaveCount(1);
  await expect(chloe.page.locator('[data-file-failed]')).toContainText('outil.exe');
  await chloe.page.locator('[data-file-failed]').getByRole('button').click();
  await written(chloe.page).click();
  await chloe.page.keyboard.press('Control+Enter');

  for (const { page } of [chloe, karim]) {
    const message = messages(page, 'Deux colis manquent');
    await expect(message).toHaveCount(1);
    await expect(message).toContainText(`${CHLOE} et ${KARIM}`);
    await expect(message.locator('a.mention')).toHaveAttribute('href', /^\/accounts\/.+#item-/);
  }
  // who posted is done; whoever was still in the text keeps the place for the next word
  await expect(composer(chloe.page).locator('[data-start]')).toBeVisible();
  await expect(written(karim.page)).toHaveText('');
  await expect(written(karim.page)).toBeFocused();
  const message = messages(karim.page, 'Deux colis manquent');
  await message.getByRole('button', { name: 'Voir palette.png' }).click();
  await expect(karim.page.locator('[data-preview] img')).toHaveJSProperty('naturalWidth', 8);
  await karim.page.keyboard.press('Escape');
  await message.getByRole('button', { name: 'Voir bon de livraison.pdf' }).click();
  await expect(karim.page.locator('[data-preview] canvas')).toHaveAttribute('data-drawn', '1');
  await karim.page.keyboard.press('Escape');

  await message.hover();
  await message.getByRole('button', { name: 'Réagir' }).click();
  await karim.page.getByRole('menuitem', { name: /D’accord/ }).click();
  await expect(messages(chloe.page, 'Deux colis').locator('[data-reaction="👍"]')).toContainText('1');

  const philippe = await enter(browser, PHILIPPE);
  await expect
    .poll(async () =>
      (await unread(philippe.page)).some((one) => one.kind === 'message.mentioned' && one.disputeId === id),
    )
    .toBe(true);
  for (const { alarms } of [chloe, karim]) expect(alarms).toEqual([]);
});

test('a draft survives a reload, a second answer asks first, and a reply quotes', async ({ browser }) => {
  const [chloe, karim] = await Promise.all([enter(browser, CHLOE), enter(browser, KARIM)]);
  const id = await dispute(chloe.page);
  await Promise.all([open(chloe.page, id), open(karim.page, id)]);
  await say(karim.page, 'Qui a vu le transporteur ?');
  const question = messages(chloe.page, 'Qui a vu le transporteur ?');
  await question.hover();
  await question.getByRole('button', { name: 'Répondre' }).click();
  await expect(written(chloe.page)).toBeFocused();
  await chloe.page.keyboard.type('Je l’appelle à 14 h');
  await expect(composer(chloe.page).locator('[data-save="saved"]')).toBeVisible();
  await chloe.page.reload();
  await expect(written(chloe.page)).toContainText('Je l’appelle à 14 h');
  await expect(chloe.page.locator('[data-replying-to]')).toContainText('Qui a vu le transporteur ?');
  await begin(chloe.page);

  // Karim begins another answer while she writes
  await composer(karim.page).getByRole('button', { name: 'Choisir un brouillon' }).click();
  await karim.page.getByRole('menuitem', { name: 'Nouveau brouillon' }).click();
  await expect(written(karim.page)).toBeFocused();
  await karim.page.keyboard.type('Moi, hier.');
  await chloe.page.keyboard.type(' précises');
  await expect(composer(karim.page).locator('[data-rivals]')).toHaveText(new RegExp(`${CHLOE} écrit une réponse`));
  await expect(composer(karim.page).locator('[data-drafts="2"]')).toBeVisible();
  await written(karim.page).click();
  await karim.page.keyboard.press('Control+Enter');
  await expect(karim.page.getByRole('dialog')).toContainText(`${CHLOE} écrit une autre réponse`);
  await karim.page.getByRole('dialog').getByRole('button', { name: 'Publier quand même' }).click();
  await expect(messages(chloe.page, 'Moi, hier.')).toHaveCount(1);
  await expect(written(chloe.page)).toContainText('Je l’appelle à 14 h précises');
  await written(chloe.page).click();
  await chloe.page.keyboard.press('Control+Enter');
  // where the server was behind, it is asked again by itself
  await expect(messages(karim.page, 'Je l’appelle à 14 h précises')).toContainText('En réponse à Karim Belvossac', {
    timeout: 30_000,
  });
  for (const { alarms } of [chloe, karim]) expect(alarms).toEqual([]);
});

test('one’s own message is edited with a trace, deleted after a time to think, and linked to', async ({ browser }) => {
  const [chloe, karim] = await Promise.all([enter(browser, CHLOE), enter(browser, KARIM)]);
  const id = await dispute(chloe.page);
  await Promise.all([open(chloe.page, id), open(karim.page, id)]);
  await say(chloe.page, 'Avoir de 120 euros');
  await say(chloe.page, 'À supprimer');
  await menu(chloe.page, messages(chloe.page, 'Avoir de 120 euros'), 'Modifier');
  const editing = chloe.page.getByRole('dialog').locator('[contenteditable="true"]');
  await expect(editing).toBeFocused();
  await chloe.page.keyboard.press('Control+End');
  await chloe.page.keyboard.type(' hors taxes');
  await chloe.page.getByRole('button', { name: 'Enregistrer' }).click();
  await expect(messages(karim.page, 'Avoir de 120 euros hors taxes')).toContainText('(modifié)');

  await menu(chloe.page, messages(chloe.page, 'À supprimer'), 'Supprimer');
  await expect(messages(chloe.page, 'À supprimer')).toHaveCount(0);
  await expect(messages(karim.page, 'À supprimer')).toHaveCount(1);
  await chloe.page.getByRole('button', { name: 'Annuler' }).click();
  await expect(messages(chloe.page, 'À supprimer')).toHaveCount(1);
  await menu(chloe.page, messages(chloe.page, 'À supprimer'), 'Supprimer');
  await expect(messages(karim.page, `Message supprimé par ${CHLOE}`)).toHaveCount(1, { timeout: 15_000 });

  await menu(karim.page, messages(karim.page, 'hors taxes'), 'Copier le lien');
  const link = await karim.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(new RegExp(`/disputes/${id}\\?thread=internal#message-`));
  await karim.page.goto(link);
  await expect(messages(karim.page, 'hors taxes')).toBeFocused();
  for (const { alarms } of [chloe, karim]) expect(alarms).toEqual([]);
});

test('[A6] what leaves is shown first, and what the credit team writes is on nobody else’s page', async ({
  browser,
}) => {
  const chloe = await enter(browser, CHLOE);
  const { page } = chloe;
  const id = await qualityDispute(page);
  await open(page, id);
  await say(page, 'Nous reprenons la palette jeudi');
  await menu(page, messages(page, 'Nous reprenons'), /Copier vers le client/);
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator('[data-who="customer"]')).toContainText('Le client lira ce que vous publiez ici');
  await expect(dialog.locator('[contenteditable="true"]')).toContainText('Nous reprenons la palette jeudi');
  await dialog.locator('[contenteditable="true"]').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' matin');
  await dialog.getByRole('button', { name: /Copier vers : Client/ }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole('tab', { name: 'Interne' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Équipe crédit' })).toBeFocused();
  await expect(page.locator('[data-who="credit"]')).toContainText('Équipe crédit seulement');
  await say(page, 'Canari du crédit', 'credit');
  await page.getByRole('tab', { name: /Client/ }).click();
  await expect(messages(page, 'Nous reprenons la palette jeudi matin')).toHaveCount(1);
  await expect(page.locator('[data-who="customer"]')).toBeVisible();
  expect(chloe.alarms).toEqual([]);

  const quality = (await enter(browser, HUGO)).page;
  await quality.goto(`/disputes/${id}`);
  await expect(quality.getByRole('tab', { name: 'Interne' })).toBeVisible();
  await expect(quality.getByRole('tab', { name: 'Équipe crédit' })).toHaveCount(0);
  expect(await quality.content()).not.toContain('Canari du crédit');
});

/** The manager gives somebody another role. */
async function makeThem(manager: APIRequestContext, name: string, role: string): Promise<void> {
  const { members } = (await (await manager.get('/api/v1/members')).json()) as {
    members: { id: string; name: string; version: number }[];
  };
  const found = members.find((one) => one.name === name);
  const answer = await manager.patch(`/api/v1/members/${found?.id}`, {
    data: { role },
    headers: { 'if-match': `"${found?.version}"` },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
}
/** Nothing of a document is left in what this browser keeps of it. */
const keptUpdates = (page: Page, document: string): Promise<number> =>
  page.evaluate(async (wanted) => {
    let kept = 0;
    for (const { name } of await indexedDB.databases()) {
      if (name?.includes(wanted) !== true) continue;
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      if (database.objectStoreNames.contains('updates'))
        kept += await new Promise<number>((resolve) => {
          const counting = database.transaction('updates').objectStore('updates').count();
          counting.onsuccess = () => resolve(counting.result);
        });
      database.close();
    }
    return kept;
  }, document);

test('[A3] who loses the right is told, gets back the words that nobody has, and reads the others no more', async ({
  browser,
}) => {
  const [chloe, karim, manager] = await Promise.all([
    enter(browser, CHLOE),
    enter(browser, KARIM),
    enter(browser, PHILIPPE),
  ]);
  const { page } = karim;
  // what is typed last does not get through
  let cut = false;
  await page.routeWebSocket(/\/collab\//, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (!cut) server.send(message);
    });
  });
  const id = await dispute(chloe.page);
  await open(chloe.page, id, '?thread=credit');
  await say(chloe.page, 'Plafond du client à revoir', 'credit');
  await open(page, id, '?thread=credit');
  await expect(messages(page, 'Plafond du client à revoir')).toHaveCount(1);
  await begin(page, 'credit');
  await page.keyboard.insertText('Brouillon que le serveur a.');
  await expect(composer(page, 'credit').locator('[data-save="saved"]')).toBeVisible();
  await expect.poll(() => keptUpdates(page, `${id}:credit`)).toBeGreaterThan(0);
  cut = true;
  await page.keyboard.insertText(' Et ce qui n’est jamais parti');
  await expect(written(page, 'credit')).toContainText('jamais parti');
  try {
    await makeThem(manager.page.request, KARIM, 'sales');
    await expect(page.locator('[data-thread-lost]')).toHaveText(/Vous n’avez plus accès à ce fil/);
    const unsent = page.getByTestId('note-unsent');
    await expect(unsent).toHaveValue(/Et ce qui n’est jamais parti/);
    await expect(unsent).not.toHaveValue(/Brouillon que le serveur a/);
    await expect(page.locator('body')).not.toContainText('Plafond du client');
    await expect(page.locator('#thread')).not.toContainText('Brouillon que le serveur a');
    await expect.poll(() => keptUpdates(page, `${id}:credit`)).toBe(0);
    await page.getByRole('tabpanel').getByRole('button', { name: 'Fermer' }).click();
    await expect(page.getByRole('tab', { name: 'Équipe crédit' })).toHaveCount(0);
    await expect(page.getByRole('tab', { name: 'Interne' })).toHaveAttribute('aria-selected', 'true');
    await page.goto(`/disputes/${id}?thread=credit`);
    await expect(page.getByRole('tab', { name: 'Interne' })).toBeVisible();
    expect(await page.content()).not.toMatch(/Plafond du client|Brouillon que le serveur/);
  } finally {
    await makeThem(manager.page.request, KARIM, 'collector');
  }
  expect(karim.alarms).toEqual([]);
});

test('[A6] the account’s note has a twin that only the credit team finds', async ({ browser }) => {
  const [chloe, karim, sales] = await Promise.all([
    enter(browser, CHLOE),
    enter(browser, KARIM),
    enter(browser, NADEGE),
  ]);
  const hers = await sales.page.request.get('/api/v1/accounts?limit=1');
  const id = ((await hers.json()) as { accounts: { id: string }[] }).accounts[0]?.id ?? '';
  const twin = (page: Page): Locator => page.locator('#note [data-audience="credit"]');
  for (const { page } of [chloe, karim]) {
    await page.goto(`/accounts/${id}`);
    await expect(page.locator('[data-state="live"]')).toBeVisible();
    await page.locator('#note').getByRole('tab', { name: 'Équipe crédit' }).click();
    await expect(twin(page).locator('[contenteditable="true"]')).toBeVisible();
  }
  await expect(twin(chloe.page)).toContainText('Équipe crédit seulement');
  await twin(chloe.page).locator('[contenteditable="true"]').click();
  await chloe.page.keyboard.insertText('Assureur prévenu en secret');
  await expect(twin(karim.page)).toContainText('Assureur prévenu en secret');
  await expect(twin(chloe.page).locator('[data-save="saved"]')).toBeVisible();

  await sales.page.goto(`/accounts/${id}`);
  const note = sales.page.locator('#note');
  await expect(note.locator('[contenteditable="true"]')).toBeVisible();
  await expect(note.getByRole('tab')).toHaveCount(0);
  expect(await sales.page.content()).not.toContain('Assureur prévenu');
  const sheet = await sales.page.request.get(`/api/v1/accounts/${id}`);
  expect(sheet.ok()).toBe(true);
  expect(await sheet.text()).not.toContain('Assureur prévenu');
  for (const { alarms } of [chloe, karim, sales]) expect(alarms).toEqual([]);
});

test('[B7] hostile words and file names are words', async ({ browser }) => {
  const [chloe, karim] = await Promise.all([enter(browser, CHLOE), enter(browser, KARIM)]);
  const id = await dispute(chloe.page);
  await Promise.all([open(chloe.page, id), open(karim.page, id)]);
  await begin(chloe.page);
  for (const text of CORPUS) {
    await chloe.page.keyboard.insertText(text);
    await chloe.page.keyboard.press('Enter');
  }
  const hostile = '"><img src=x onerror=alert(20)>.png';
  await chloe.page.locator('[data-pick]').setInputFiles([{ name: hostile, mimeType: 'image/png', buffer: png() }]);
  await expect(chloe.page.locator('[data-waiting-files] li img')).toHaveCount(1);
  await written(chloe.page).click();
  await chloe.page.keyboard.press('Control+Enter');
  for (const { page } of [chloe, karim]) {
    const message = messages(page, CORPUS[0] ?? '');
    await expect(message).toHaveCount(1);
    for (const text of CORPUS) await expect(message).toContainText(text);
    await expect(message.getByText(/onerror=alert\(20\)/)).toBeVisible();
  }
  await messages(karim.page, CORPUS[0] ?? '')
    .getByRole('button', { name: /^Voir/ })
    .click();
  await expect(karim.page.locator('[data-preview] img')).toBeVisible();
  for (const { page, alarms } of [chloe, karim]) {
    await expect(page.locator(DANGEROUS)).toHaveCount(0);
    expect(alarms).toEqual([]);
  }
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1440, 360])
    test(`the thread reads well for everybody, ${colorScheme}, ${width} px`, async ({ browser }) => {
      const { page, alarms } = await enter(browser, CHLOE, { colorScheme, viewport: { width, height: 800 } });
      const id = await dispute(page);
      await open(page, id);
      await say(page, 'Un message lisible');
      await begin(page);
      await page.keyboard.type('Un brouillon');
      await expect(composer(page).locator('[data-save="saved"]')).toBeVisible();
      for (const tab of ['Interne', 'Client']) {
        await page.getByRole('tab', { name: tab }).click();
        const found = await new AxeBuilder({ page })
          .include('#thread')
          .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
          .analyze();
        expect(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      expect(alarms).toEqual([]);
    });
