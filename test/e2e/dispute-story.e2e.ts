import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { enterByHand } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

/** The four who settle a short delivery in the demonstration: collector, sales, quality, order administration. */
const CHLOE = 'Chloé Vaudran';
const NADEGE = 'Nadège Orlivrin';
const HUGO = 'Hugo Tressanne';
const SOLENE = 'Solène Marcivat';
/** Written for the credit team alone: nobody else may ever get it. */
const CANARY = 'canari8c2d';

test.setTimeout(180_000);
test.use({ actionTimeout: 20_000 });

interface Desk {
  page: Page;
  context: BrowserContext;
  /** Everything that the server sent to this browser. */
  received: string[];
}
async function enter(browser: Browser, name: string, options: object = {}): Promise<Desk> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  const received: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) =>
      received.push(typeof payload === 'string' ? payload : payload.toString('latin1')),
    ),
  );
  page.on('response', (response) => {
    if (/html|json/.test(response.headers()['content-type'] ?? ''))
      response.text().then(
        (text) => received.push(text),
        () => undefined,
      );
  });
  await enterByHand(page, name);
  return { page, context, received };
}
const live = (page: Page): Promise<void> =>
  expect(page.locator('[data-state="live"]')).toBeVisible({ timeout: 30_000 });
const dialog = (page: Page): Locator => page.getByRole('dialog');
const figure = (page: Page, name: string): Locator => page.locator(`[data-figure="${name}"]`).first();
/** Puts the cursor into the answer for an audience: the editor comes when it is wanted. */
async function begin(page: Page, audience = 'internal'): Promise<void> {
  const composer = page.locator(`[data-composer="${audience}"]`);
  const editor = composer.locator('[contenteditable="true"]');
  const wanted = composer.getByRole('button', { name: /Votre message/ });
  await expect(wanted.or(editor).first()).toBeVisible();
  if (await wanted.isVisible()) await wanted.click();
  await expect(editor).toBeVisible();
  await editor.click();
}
const message = (page: Page, text: string): Locator => page.locator('[data-message]').filter({ hasText: text });

interface Item {
  id: string;
  number: string;
  kind: string;
  currency: string;
  issueDay: string;
  openCents: number;
  disputedCents: number;
  awaitingCents: number;
}
interface Row {
  id: string;
  netCents: number;
}
const read = async <T>(page: Page, path: string): Promise<T> =>
  (await (await page.request.get(`/api/v1${path}`)).json()) as T;

/** An undisputed overdue invoice of a customer that the sales rep knows. */
async function delivered(page: Page, salesRepId: string): Promise<{ accountId: string; item: Item }> {
  const { rows } = await read<{ rows: Row[] }>(
    page,
    `/queue?view=everything&salesRep=${salesRepId}&sort=overdue&limit=100`,
  );
  for (const row of rows.filter(({ netCents }) => netCents > 0)) {
    const { items } = await read<{ items: Item[] }>(page, `/accounts/${row.id}/items?state=overdue&limit=100`);
    const item = items.find(
      (one) =>
        one.kind === 'invoice' &&
        one.currency === 'EUR' &&
        one.openCents > 500_000 &&
        one.openCents <= row.netCents &&
        one.disputedCents + one.awaitingCents === 0,
    );
    if (item !== undefined) return { accountId: row.id, item };
  }
  throw new Error('no such invoice in the demonstration');
}

/** What the buyer's platform sends: approved but for a part, as pallets are missing. */
function buyerMessage(item: Item, refused: string): string {
  const day = item.issueDay.replaceAll('-', '');
  return `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossDomainAcknowledgementAndResponse xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100" xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>${item.number}_206_essai</ram:ID><ram:IssueDateTime><udt:DateTimeString format="204">${day}181500</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:AcknowledgementDocument><ram:TypeCode>23</ram:TypeCode><ram:IssueDateTime><udt:DateTimeString format="204">${day}180000</udt:DateTimeString></ram:IssueDateTime>
<ram:ReferenceReferencedDocument><ram:IssuerAssignedID>${item.number}</ram:IssuerAssignedID><ram:TypeCode>380</ram:TypeCode>
<ram:FormattedIssueDateTime><qdt:DateTimeString format="102">${day}</qdt:DateTimeString></ram:FormattedIssueDateTime>
<ram:ProcessConditionCode>206</ram:ProcessConditionCode><ram:ProcessCondition>Approuvée_partiellement</ram:ProcessCondition>
<ram:SpecifiedDocumentStatus><ram:ReasonCode>LIVR_INCOMP</ram:ReasonCode><ram:Reason>Livraison incomplète : deux palettes manquent</ram:Reason>
<ram:RequestedActionCode>CNP</ram:RequestedActionCode><ram:RequestedAction>Avoir partiel</ram:RequestedAction><ram:SequenceNumeric>1</ram:SequenceNumeric>
<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>MNATTC</ram:TypeCode><ram:ValueAmount currencyID="EUR">${refused}</ram:ValueAmount></ram:SpecifiedDocumentCharacteristic>
</ram:SpecifiedDocumentStatus></ram:ReferenceReferencedDocument></rsm:AcknowledgementDocument></rsm:CrossDomainAcknowledgementAndResponse>`;
}

test('four departments settle a short delivery, from the buyer’s message to an agreed partial credit note', async ({
  browser,
}) => {
  const [collector, sales, quality, adv] = [
    await enter(browser, CHLOE),
    await enter(browser, NADEGE, { viewport: { width: 360, height: 740 }, serviceWorkers: 'allow' }),
    await enter(browser, HUGO),
    await enter(browser, SOLENE),
  ];
  const { members } = await read<{ members: { id: string; name: string }[] }>(collector.page, '/me');
  const rep = members.find(({ name }) => name === NADEGE)?.id ?? '';
  const { accountId, item } = await delivered(collector.page, rep);

  await test.step('the buyer’s platform says that a part is contested, and the queue still holds the rest', async () => {
    const answer = await adv.page.request.post('/api/v1/einvoice-statuses', {
      headers: { 'content-type': 'application/xml' },
      data: buyerMessage(item, '2400.00'),
    });
    expect(answer.ok(), await answer.text()).toBe(true);
  });
  const { disputes } = await read<{
    disputes: { id: string; number: number; disputedCents: number; items: { itemId: string }[] }[];
  }>(collector.page, `/disputes?view=live&accountId=${accountId}`);
  const dispute = disputes.find(({ items }) => items.some(({ itemId }) => itemId === item.id));
  expect(dispute?.disputedCents).toBe(240_000);
  const id = dispute?.id ?? '';
  const path = `/disputes/${id}`;

  await test.step('the collector qualifies it, asks quality, asks the sales rep, and keeps something to the credit team', async () => {
    const { page } = collector;
    await page.goto(path);
    await live(page);
    await expect(page.locator('[data-steps]')).toContainText('Ouvert');
    await page.keyboard.press('q');
    await dialog(page).getByRole('combobox', { name: 'Motif' }).selectOption('missing_delivery');
    await dialog(page)
      .getByRole('combobox', { name: /Service/ })
      .selectOption('quality');
    await dialog(page).getByRole('button', { name: 'Qualifier' }).click();
    await expect(dialog(page)).toBeHidden();
    await page.keyboard.press('a');
    await dialog(page)
      .getByRole('combobox', { name: /Service/ })
      .selectOption('quality');
    await dialog(page)
      .getByRole('textbox', { name: /Demander/ })
      .fill('Les deux palettes sont-elles parties ?');
    await dialog(page).getByRole('button', { name: 'Confier' }).click();
    await expect(dialog(page)).toBeHidden();
    await begin(page);
    await page.keyboard.type('@Nad');
    await page.getByRole('option', { name: new RegExp(NADEGE) }).click();
    await page.keyboard.type(' que dit le client des deux palettes ?');
    await page.keyboard.press('Control+Enter');
    await expect(message(page, 'que dit le client')).toBeVisible();
    await page.getByRole('tab', { name: /Équipe crédit/ }).click();
    await begin(page, 'credit');
    await page.keyboard.type(`${CANARY} : client fragile, ne pas trop céder`);
    await page.keyboard.press('Control+Enter');
    await expect(message(page, CANARY)).toBeVisible();
    await page.getByRole('tab', { name: /Interne/ }).click();
  });

  await test.step('quality finds it on its first screen and accepts, with the cause', async () => {
    const { page } = quality;
    await page.goto('/inbox');
    await live(page);
    const task = page.locator('[data-task]').filter({ hasText: `n° ${dispute?.number ?? ''} ` });
    await expect(task).toContainText(/2\s?400,00/);
    await task.getByRole('button', { name: 'Répondre' }).click();
    await dialog(page).getByText('Oui, nous l’acceptons').click();
    await dialog(page).getByRole('combobox', { name: 'Cause' }).selectOption('preparation');
    await dialog(page).getByRole('button', { name: 'Répondre' }).click();
    await expect(dialog(page)).toBeHidden();
    await expect(task).toHaveCount(0);
  });

  await test.step('the sales rep reads the mention on a phone, and answers without a network', async () => {
    const { page, context } = sales;
    await page.goto('/inbox');
    await live(page);
    await expect(page.getByText(/Chloé Vaudran vous mentionne/).first()).toBeVisible();
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 60_000 });
    await page.goto(path);
    await live(page);
    await expect(message(page, 'que dit le client')).toBeVisible();
    await context.setOffline(true);
    await page.reload();
    await expect(message(page, 'que dit le client')).toBeVisible({ timeout: 30_000 });
    await begin(page);
    await page.keyboard.type('Vu au dépôt : une palette est bien arrivée, l’autre manque.');
    await page
      .locator('[data-composer="internal"]')
      .getByRole('button', { name: /Publier/ })
      .click();
    await expect(page.locator('[data-unsent="1"]')).toBeVisible({ timeout: 20_000 });
    await context.setOffline(false);
    await expect(page.locator('[data-unsent="1"]')).toHaveCount(0, { timeout: 60_000 });
    await expect(page.locator('[data-refused]')).toHaveCount(0);
    await expect(message(collector.page, 'l’autre manque')).toBeVisible({ timeout: 30_000 });
  });

  await test.step('the collector agrees on a partial credit note; the rest is due again', async () => {
    const { page } = collector;
    await expect(page.getByText(/reconnaît la demande/)).toBeVisible();
    await page.locator('body').click({ position: { x: 700, y: 80 } });
    await page.keyboard.press('e');
    const split = dialog(page);
    await split.getByRole('textbox', { name: 'Avoir à établir' }).fill('1800');
    await split.getByRole('textbox', { name: /Rejeté/ }).fill('600');
    await split.getByLabel('Réponse écrite au client').fill('Un avoir de 1 800 € est établi ; 600 € restent dus.');
    await split.getByRole('button', { name: 'Résoudre' }).click();
    await expect(split).toBeHidden();
    await expect(figure(page, 'awaiting')).toContainText(/1\s?800,00/);
  });

  await test.step('order administration has the credit note made, from its first screen', async () => {
    const { page } = adv;
    await page.goto('/inbox');
    await live(page);
    const task = page.locator('[data-task]').filter({ hasText: `n° ${dispute?.number ?? ''} ` });
    await expect(task).toContainText('Établir un avoir');
    await expect(task).toContainText(/1\s?800,00/);
    await task.getByRole('button', { name: 'Fait' }).click();
    await dialog(page).getByRole('textbox').fill('Avoir AV-118 demandé à la facturation.');
    await dialog(page)
      .getByRole('button', { name: /Fait|terminer/i })
      .last()
      .click();
    await expect(task).toHaveCount(0);
  });

  await test.step('the collector still collects what is not contested, and the agreed part changes no balance', async () => {
    const { items } = await read<{ items: Item[] }>(
      collector.page,
      `/accounts/${accountId}/items?state=overdue&limit=100`,
    );
    const after = items.find(({ id: one }) => one === item.id);
    expect(after).toMatchObject({ openCents: item.openCents, disputedCents: 0, awaitingCents: 180_000 });
    const { row } = await read<{ row: { netCents: number } }>(collector.page, `/cases/${accountId}`);
    expect(row.netCents).toBeGreaterThanOrEqual(item.openCents - 180_000);
  });

  for (const { received } of [sales, quality, adv])
    expect(received.filter((text) => text.includes(CANARY))).toEqual([]);
  expect(collector.received.some((text) => text.includes(CANARY))).toBe(true);
});
