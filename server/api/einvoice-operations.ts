import { einvoiceListInput, receiveEinvoiceInput } from '#lib/protocol/commands/einvoice.ts';
import { takeFile } from '../import/einvoice/take-file.ts';
import { einvoiceList } from '../queries/einvoices.ts';
import { command, query, type Operation } from './operation.ts';

/** Already decoded: whatever encoding its declaration names, these bytes are UTF-8, and the mark says so. */
const utf8Of = (xml: string): Uint8Array => new TextEncoder().encode(`\ufeff${xml.replace(/^\ufeff/, '')}`);

/** What buyers' platforms say of invoices. Files as raw bodies: see einvoice-file.ts. */
export const EINVOICE_OPERATIONS: Operation[] = [
  query(
    {
      id: 'einvoice.list',
      path: '/einvoice-statuses',
      summary: 'Received statuses of e-invoices, newest first.',
      action: 'einvoice.read',
      input: einvoiceListInput,
    },
    einvoiceList,
  ),
  command(
    {
      id: 'einvoice.receive',
      method: 'POST',
      path: '/einvoice-statuses',
      summary: 'Take in a life-cycle message (CDAR); a raw XML body does the same.',
      action: 'einvoice.receive',
      input: receiveEinvoiceInput,
    },
    (app, actor, { xml }, meta) => takeFile(app, actor, { name: 'status.xml', only: 'status' }, utf8Of(xml), meta),
  ),
];
