import type { Browser, Locator, Page } from '@playwright/test';
import { alarmsOf, enter as enterAs } from '../support/e2e-people.ts';
import { expect, test } from '../support/journey.ts';

const CHLOE = 'Chloé Vaudran';
const KARIM = 'Karim Belvossac';
const HUGO = 'Hugo Tressanne';
const PHILIPPE = 'Philippe Garronnel';

/** Each would open a dialog, or break the page, where it is taken for anything but text. */
const CORPUS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)>',
  '<a href="javascript:alert(4)">clic</a>',
  'javascript:alert(5)',
  '<iframe srcdoc="<script>alert(6)</script>"></iframe>',
  "' onmouseover='alert(7)' autofocus onfocus='alert(7)",
  '&lt;script&gt;alert(8)&lt;/script&gt; &amp;#60;',
  "{{constructor.constructor('alert(9)')()}}",
  '$' + '{alert(10)} {@html "<b>10</b>"}',
  '</textarea></title></style></script><script>alert(11)</script>',
  '<math><mtext><style><img src onerror=alert(12)></style></mtext></math>',
  '\u202egnp.tnemyap alert(13)\u202c',
  '<!--<img src="--><img src=x onerror=alert(14)//">',
  ']]><svg/onload=alert&#40;15)><details open ontoggle=alert(15)>',
];
/** What none of them may ever become. */
const DANGEROUS = [
  'img[onerror]',
  'img[src="x"]',
  'svg[onload]',
  'iframe',
  'math',
  'details[ontoggle]',
  '[onmouseover]',
  '[onfocus]',
  'a[href^="javascript" i]',
].join(', ');
const COLUMN = '<img src=x onerror=alert("column")>';
const ENTITY = '<svg onload=alert(0)>';

/** A page of which every dialog, violation of the policy and error is written down in `alarms`. */
interface Watched {
  page: Page;
  alarms: string[];
}
async function enter(browser: Browser, name: string): Promise<Watched> {
  const page = await enterAs(browser, name, { viewport: { width: 1440, height: 1400 } });
  const alarms = await alarmsOf(page);
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) alarms.push(message.text());
  });
  await page.goto('/');
  return { page, alarms };
}
const live = (page: Page): Promise<void> => expect(page.locator('[data-state="live"]')).toBeVisible();
const editor = (page: Page): Locator => page.locator('#note [contenteditable="true"]');
async function harmless({ page, alarms }: Watched): Promise<void> {
  await expect(page.locator(DANGEROUS)).toHaveCount(0);
  expect(alarms).toEqual([]);
}

let turn = 0;
async function post<T>(page: Page, path: string, data: unknown, version?: number): Promise<T> {
  const answer = await page.request.post(`/api/v1${path}`, {
    data,
    headers: {
      'idempotency-key': `safety-${(turn += 1)}`,
      origin: new URL(page.url()).origin,
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    },
  });
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
  return (await answer.json()) as T;
}
async function read<T>(page: Page, path: string): Promise<T> {
  return (await (await page.request.get(`/api/v1${path}`)).json()) as T;
}

/** A name in the ledger loses what turns the reading direction, as it would turn the words beside it. */
const accountName = (index: number): string =>
  `Piège ${String(index + 1).padStart(2, '0')} ${CORPUS[index] ?? ''}`.replace(/[\u202a-\u202e]/g, '');
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

/** One account for each, by the same door as any ledger. @returns their ids, in the order of the corpus */
async function importCorpus(page: Page): Promise<string[]> {
  const lines = [
    ['Code client', 'Raison sociale', 'N° facture', 'Date facture', 'Échéance', 'Montant TTC', 'Société', COLUMN],
    ...CORPUS.map((text, index) => [
      `PIEGE-${index}`,
      `Piège ${String(index + 1).padStart(2, '0')} ${text}`,
      `PF-${index} ${text}`.slice(0, 60),
      '2026-01-05',
      '2026-02-05',
      '150,00',
      ENTITY,
      text,
    ]),
  ];
  const me = await read<{ today: string }>(page, '/me');
  const staged = await page.request.post(
    `/api/v1/imports?kind=ledger&asOf=${me.today}&fileName=${quoted(CORPUS[1] ?? '')}`,
    {
      data: Buffer.from(lines.map((cells) => cells.map(quoted).join(';')).join('\n')),
      headers: {
        'content-type': 'application/octet-stream',
        'idempotency-key': 'safety-file',
        origin: new URL(page.url()).origin,
      },
    },
  );
  const run = (await staged.json()) as { id: string; mapping: Record<string, unknown> };
  // the rest of the ledger is not in it, and must not be flagged
  await post(page, `/imports/${run.id}/mapping`, { mapping: { ...run.mapping, complete: false }, asOf: me.today });
  const state = async (): Promise<string> => (await read<{ state: string }>(page, `/imports/${run.id}`)).state;
  await expect.poll(state).toBe('staged');
  await post(page, `/imports/${run.id}/apply`, { confirmOlder: true });
  await expect.poll(state).toBe('applied');
  const { rows } = await read<{ rows: { id: string; name: string }[] }>(
    page,
    '/queue?view=everything&search=piege&limit=50',
  );
  return CORPUS.map((_text, index) => {
    const row = rows.find(({ name }) => name.startsWith(`Piège ${String(index + 1).padStart(2, '0')} `));
    if (row === undefined) throw new Error(`no account ${accountName(index)}`);
    return row.id;
  });
}

test.describe.configure({ mode: 'serial' });
let ids: string[] = [];

test('[B7] hostile names and columns of a ledger are shown as text in the queue, the list, the figures and the report', async ({
  browser,
}) => {
  const manager = await enter(browser, PHILIPPE);
  const { page } = manager;
  ids = await importCorpus(page);
  await page.goto('/queue/everything?search=piege');
  await live(page);
  for (const [index, id] of ids.entries())
    await expect(page.locator(`[data-id="${id}"]`)).toContainText(accountName(index));
  await harmless(manager);
  await page.goto('/accounts?search=piege');
  for (const index of CORPUS.keys()) await expect(page.locator('[data-account]').nth(index)).toContainText('Piège');
  await harmless(manager);
  await page.goto('/insights?by=entity');
  await expect(page.getByRole('rowheader').filter({ hasText: ENTITY })).toBeVisible();
  await harmless(manager);
  await page.goto('/admin/imports');
  await page.getByRole('link', { name: CORPUS[1] ?? '' }).click();
  await expect(page.getByRole('columnheader').filter({ hasText: COLUMN.replace('.', '\u2024') })).toBeVisible();
  await expect(page.getByRole('cell', { name: CORPUS[0] ?? '', exact: true })).toBeVisible();
  await harmless(manager);
});

test('[B7] what is written down on an account is text on its screen, in the inbox and on the statement', async ({
  browser,
}) => {
  const chloe = await enter(browser, CHLOE);
  const { page } = chloe;
  const [first = ''] = ids;
  const { today } = await read<{ today: string }>(page, '/me');
  for (const text of CORPUS) {
    await post(page, `/accounts/${first}/contacts`, { name: text, role: text });
    await post(page, '/tasks', { accountId: first, kind: 'other', text, dueDay: today, department: 'quality' });
    await post(page, `/accounts/${first}/contacts-made`, { channel: 'call', outcome: 'other', text });
  }
  await page.goto(`/accounts/${first}`);
  await live(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(accountName(0));
  for (const text of CORPUS) {
    await expect(page.locator('[data-contact]').filter({ hasText: text }).first()).toBeVisible();
    await expect(page.locator('[data-task]').filter({ hasText: text }).first()).toBeVisible();
    await expect(page.locator('#timeline [data-event="contact.recorded"]').filter({ hasText: text })).toHaveCount(1);
  }
  await page
    .locator('#items')
    .getByRole('button', { name: /Détails de la pièce/ })
    .first()
    .click();
  await expect(page.locator('#items').getByText(COLUMN)).toBeVisible();
  await harmless(chloe);
  await page.goto(`/accounts/${first}/statement`);
  await expect(page.getByText(accountName(0)).first()).toBeVisible();
  await expect(page.locator('[data-statement="EUR"]')).toContainText(`PF-0 ${CORPUS[0] ?? ''}`);
  await harmless(chloe);
  const hugo = await enter(browser, HUGO);
  await hugo.page.goto('/inbox');
  for (const text of CORPUS)
    await expect(hugo.page.locator('[data-task]').filter({ hasText: text }).first()).toBeVisible();
  await harmless(hugo);
});

test('[B7] each account tells its name and the reason of its postponement as they were written', async ({
  browser,
}) => {
  const chloe = await enter(browser, CHLOE);
  const { page } = chloe;
  for (const [index, id] of ids.entries()) {
    const { case: work } = await read<{ case: { version: number } }>(page, `/cases/${id}`);
    const reason = CORPUS[index] ?? '';
    await post(page, `/cases/${id}/postpone`, { reason, nextActionOn: '2099-01-05', nextAction: 'call' }, work.version);
    await page.goto(`/accounts/${id}`, { waitUntil: 'domcontentloaded' });
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(accountName(index));
    await expect(page.getByText(`Reporté : ${reason}`)).toBeVisible();
    await live(page);
    await harmless(chloe);
  }
});

test('[B7] what is typed and pasted into the note is text for everybody', async ({ browser }) => {
  const chloe = await enter(browser, CHLOE);
  const karim = await enter(browser, KARIM);
  const [, second = ''] = ids;
  for (const { page } of [chloe, karim]) {
    await page.goto(`/accounts/${second}`);
    await live(page);
    await expect(editor(page)).toBeVisible();
  }
  await chloe.page.keyboard.press('n');
  await expect(editor(chloe.page)).toBeFocused();
  for (const text of CORPUS) {
    await chloe.page.keyboard.insertText(text);
    await chloe.page.keyboard.press('Enter');
  }
  for (const { page } of [chloe, karim]) for (const text of CORPUS) await expect(editor(page)).toContainText(text);
  // and as HTML, as another page's selection would come
  await editor(chloe.page).evaluate(
    (element, html) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/html', html);
      clipboardData.setData('text/plain', 'plain');
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    },
    `<p>collé : </p>${CORPUS.map((text) => `<p>${text}</p>`).join('')}<p>fin du collage</p>`,
  );
  for (const { page } of [chloe, karim]) await expect(editor(page)).toContainText('collé');
  await expect(chloe.page.locator('#note [data-save="saved"]')).toBeVisible();
  for (const one of [chloe, karim]) await harmless(one);
  await karim.page.reload();
  await expect(editor(karim.page)).toContainText(CORPUS[0] ?? '');
  await harmless(karim);
});

test('[C7] what is done between the page and its line to the server is shown without a reload', async ({ browser }) => {
  const chloe = (await enter(browser, CHLOE)).page;
  const karim = (await enter(browser, KARIM)).page;
  const { rows } = await read<{ rows: { id: string; name: string; claimedBy: string }[] }>(
    chloe,
    '/queue?view=today&sort=priority&limit=10',
  );
  const id = rows.find(({ claimedBy }) => claimedBy === 'none')?.id ?? '';
  let open: () => void = () => undefined;
  let gate = Promise.resolve();
  const shut = (): void => {
    gate = new Promise((resolve) => (open = resolve));
  };
  await karim.routeWebSocket(/socket\.io/, async (line) => {
    await gate;
    line.connectToServer();
  });
  const marked = (): Promise<unknown> => karim.evaluate(() => Reflect.get(window, 'notReloaded'));
  const mark = (): Promise<unknown> => karim.evaluate(() => Reflect.set(window, 'notReloaded', true));

  shut();
  await karim.goto(`/accounts/${id}`);
  await mark();
  await expect(karim.locator('[data-claim="free"]')).toBeVisible();
  const told = karim.locator('#timeline [data-event="contact.recorded"]').filter({ hasText: 'Entre deux' });
  await post(chloe, `/accounts/${id}/contacts-made`, { channel: 'call', outcome: 'reached', text: 'Entre deux' });
  await post(chloe, `/cases/${id}/claim`, {});
  await expect(karim.locator('[data-state="live"]')).toHaveCount(0);
  await expect(told).toHaveCount(0);
  open();
  await expect(told).toHaveCount(1);
  await expect(karim.locator('[data-claim="other"]')).toContainText(CHLOE);
  expect(await marked()).toBe(true);

  shut();
  await karim.goto('/queue/today?sort=priority');
  await mark();
  const row = karim.locator(`[data-id="${id}"]`);
  await expect(row.locator('[data-claim="other"]')).toContainText(CHLOE);
  await post(chloe, `/cases/${id}/release`, {});
  await expect(karim.locator('[data-state="live"]')).toHaveCount(0);
  await expect(row.locator('[data-claim="other"]')).toBeVisible();
  open();
  await expect(row.locator('[data-claim]')).toHaveCount(0);
  expect(await marked()).toBe(true);
});
