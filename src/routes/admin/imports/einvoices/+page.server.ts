import { EINVOICE_VIEWS, type EinvoiceView } from '#lib/protocol/commands/einvoice.ts';
import type { EinvoiceStatusPage } from '#lib/protocol/views/einvoice.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const isView = (text: string | null): text is EinvoiceView => EINVOICE_VIEWS.some((view) => view === text);

export const load: PageServerLoad = async ({ locals, url }) => {
  const asked = url.searchParams.get('view');
  if (isView(asked))
    return { view: asked, page: await ask<EinvoiceStatusPage>(locals, 'einvoice.list', { view: asked }) };
  // What waits for somebody comes first.
  const waiting = await ask<EinvoiceStatusPage>(locals, 'einvoice.list', { view: 'unmatched' });
  if (waiting.statuses.length > 0) return { view: 'unmatched' as const, page: waiting };
  const view: EinvoiceView = 'everything';
  return { view, page: await ask<EinvoiceStatusPage>(locals, 'einvoice.list', { view }) };
};
