import type { Actor } from '#lib/domain/member/member.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import type { MailPage } from '#lib/protocol/views/inbox.ts';
import { storeOf, type App } from '../app.ts';
import { mails } from '../store/kinds/disputes.ts';
import { visiblePage } from './visible-page.ts';

/**
 * Mails of the workspace, the newest first, for administrators: those that were sent, and those that are kept. One that
 * tells of a message whose audience they may not read is left out, and leaves no gap.
 */
export async function mailList(
  app: App,
  actor: Actor,
  input: { limit: number; after: string | null },
): Promise<MailPage> {
  const page = await visiblePage(storeOf(app, actor).docs(mails), {}, { ...input, sort: ['-createdAt'] }, (mail) =>
    mail.audiences.every((one) => mayReadAudience(actor, one)),
  );
  return { mails: page.docs, next: page.next, sending: app.config.smtpUrl !== null };
}
