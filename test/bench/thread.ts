import { chromium, type Page } from '@playwright/test';
import type { Message } from '#lib/domain/thread/thread.ts';
import { newId } from '#server/store/id.ts';
import { messages, threads } from '#server/store/kinds/disputes.ts';
import { cases } from '#server/store/kinds/workspace.ts';
import { findChromium } from '../support/chromium.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, PASSWORD, startServer } from '../support/server.ts';
import { openedDispute } from '../support/thread-world.ts';
import { compared, median, type Figure } from './figure.ts';

const MESSAGES = 1_000;
const ROUNDS = 5;
const EMAIL = 'awa@example.com';

function messageOf(seq: number, place: Pick<Message, 'disputeId' | 'accountId' | 'authorId'>): Message {
  // some are one line, some are ten
  const text = `Message ${seq}. ${'Le transporteur confirme la palette manquante. '.repeat(1 + (seq % 7))}`.trim();
  const minute = String(seq % 60).padStart(2, '0');
  return {
    ...place,
    id: newId(),
    version: 1,
    audience: 'internal',
    seq,
    coAuthorIds: [],
    postedAt: `2026-02-02T10:${minute}:00.000Z`,
    day: '2026-02-02',
    body: { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] },
    text,
    mentions: [],
    attachmentIds: [],
    replyTo: null,
    reactions: seq % 5 === 0 ? { '👍': [place.authorId] } : {},
    editedAt: null,
    editedBy: null,
    state: 'posted',
  };
}

/** From the click on a tab until its thread stands there, as the page's own clock has it (ms). */
function turn(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const tab = (audience: string): HTMLElement | null => document.querySelector(`[data-tab="${audience}"]`);
    const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    tab('customer')?.click();
    await painted();
    await painted();
    const started = performance.now();
    tab('internal')?.click();
    while (document.querySelector('[data-room="internal"] [data-message]') === null) await painted();
    await painted();
    return performance.now() - started;
  });
}

/** The same messages as bare elements, all of them, laid out and painted (ms). */
function bare(page: Page, count: number): Promise<number> {
  return page.evaluate(async (many) => {
    const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    const box = document.createElement('div');
    await painted();
    const started = performance.now();
    for (let seq = 1; seq <= many; seq += 1) {
      const article = document.createElement('article');
      const name = document.createElement('strong');
      name.textContent = 'Awa';
      const text = document.createElement('p');
      text.textContent = `Message ${seq}. ${'Le transporteur confirme la palette manquante. '.repeat(1 + (seq % 7))}`;
      article.append(name, text);
      box.append(article);
    }
    document.querySelector('#thread')?.append(box);
    await painted();
    const took = performance.now() - started;
    box.remove();
    await painted();
    return took;
  }, count);
}

/** Wheel by wheel through a list: the longest that a frame took (ms). */
function worstFrame(page: Page, selector: string): Promise<number> {
  return page.evaluate(async (list) => {
    const box = document.querySelector<HTMLElement>(list);
    let worst = 0;
    let before = performance.now();
    for (let frame = 0; frame < 40 && box !== null; frame += 1) {
      box.scrollTop -= 600;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      if (frame > 2) worst = Math.max(worst, now - before);
      before = now;
    }
    return worst;
  }, selector);
}

/** The same way through the same messages as bare elements, all of them there: what the machine and the browser cost. */
async function bareFrame(page: Page, count: number): Promise<number> {
  await page.evaluate((many) => {
    const box = document.createElement('div');
    box.id = 'bare-list';
    box.style.cssText = 'height: 24rem; overflow-y: auto';
    for (let seq = 1; seq <= many; seq += 1) {
      const article = document.createElement('article');
      article.textContent = `Message ${seq}. ${'Le transporteur confirme la palette manquante. '.repeat(1 + (seq % 7))}`;
      box.append(article);
    }
    document.querySelector('#thread')?.append(box);
    box.scrollTop = box.scrollHeight;
  }, count);
  const took = await worstFrame(page, '#bare-list');
  await page.evaluate(() => document.querySelector('#bare-list')?.remove());
  return took;
}

/** A thread of 1,000 messages in a real browser: shown anew, beside bare elements; and scrolled. */
export async function benchThread(): Promise<Figure[]> {
  let disputeId = '';
  const server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      const awa = await buildPerson(app, workspace, { role: 'collector', scope: 'all', email: EMAIL, name: 'Awa' });
      const account = await buildAccount(app, workspace, { openItems: [{ cents: 100_000, dueDay: '2026-01-31' }] });
      const dispute = await openedDispute(app, workspace, account);
      const store = app.store.workspace(workspace.id);
      if ((await store.docs(cases).get(account.id)) === null) throw new Error('the account has no case');
      const place = { disputeId: dispute.id, accountId: account.id, authorId: awa.id };
      const all = Array.from({ length: MESSAGES }, (_, i) => messageOf(i + 1, place));
      await store.transaction(async (tx) => {
        await tx.docs(messages).insertMany(all);
        await tx.docs(threads).insert({
          id: `${dispute.id}:internal`,
          version: 1,
          disputeId: dispute.id,
          accountId: account.id,
          audience: 'internal',
          lastSeq: MESSAGES,
          lastAt: '2026-02-02T10:59:00.000Z',
          lastAuthorId: awa.id,
        });
      });
      disputeId = dispute.id;
    },
  });
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1_280, height: 900 } });
    const page = await context.newPage();
    await page.request.post('/api/v1/session', { data: { email: EMAIL, password: PASSWORD } });
    await page.goto(`/disputes/${disputeId}`);
    await page.locator('[data-post]:not([disabled])').waitFor();
    // all pages are loaded, as somebody would who reads from the beginning
    await page.locator('[data-messages="internal"]').hover();
    await page.waitForFunction(
      async () => {
        const list = document.querySelector<HTMLElement>('[data-messages="internal"]');
        if (list !== null) list.scrollTop = -list.scrollHeight;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return document.querySelector('[data-message][data-seq="1"]') !== null;
      },
      undefined,
      { timeout: 60_000 },
    );
    const ours: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await turn(page));
      plain.push(await bare(page, MESSAGES));
    }
    const frames: number[] = [];
    const bareFrames: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await page.evaluate(() => document.querySelector('[data-messages="internal"]')?.scrollTo(0, 0));
      frames.push(await worstFrame(page, '[data-messages="internal"]'));
      bareFrames.push(await bareFrame(page, MESSAGES));
    }
    return [
      compared(
        'a thread of 1,000 messages shown',
        median(ours),
        'ms',
        { name: '1,000 bare elements', value: median(plain) },
        2,
      ),
      compared(
        'its longest frame when scrolled through',
        median(frames),
        'ms',
        { name: 'the same through bare elements', value: median(bareFrames) },
        6,
      ),
    ];
  } finally {
    await browser.close();
    await server.close();
  }
}
