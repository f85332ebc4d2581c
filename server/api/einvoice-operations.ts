import * as v from 'valibot';
import {
  einvoiceCandidatesInput,
  einvoiceListInput,
  matchEinvoiceInput,
  receiveEinvoiceInput,
  setEinvoiceAsideInput,
} from '#lib/protocol/commands/einvoice.ts';
import { takeFile } from '../import/einvoice/take-file.ts';
import { einvoiceCandidates } from '../queries/einvoice-candidates.ts';
import { einvoiceExample } from '../queries/einvoice-example.ts';
import { einvoiceList } from '../queries/einvoices.ts';
import { matchStatus } from '../services/einvoices/match-status.ts';
import { previewMatch } from '../services/einvoices/preview-match.ts';
import { setStatusAside } from '../services/einvoices/set-status-aside.ts';
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
  query(
    {
      id: 'einvoice.example',
      path: '/einvoice-statuses/example',
      summary: 'A message to try, in a demonstration only.',
      action: 'einvoice.receive',
      input: v.object({}),
    },
    einvoiceExample,
  ),
  query(
    {
      id: 'einvoice.candidates',
      path: '/einvoice-statuses/{id}/candidates',
      summary: 'Invoices that a waiting status may speak of.',
      action: 'einvoice.match',
      input: einvoiceCandidatesInput,
    },
    einvoiceCandidates,
  ),
  query(
    {
      id: 'einvoice.preview',
      path: '/einvoice-statuses/{id}/candidates/{itemId}',
      summary: 'What a waiting status would do to an invoice.',
      action: 'einvoice.match',
      input: matchEinvoiceInput,
    },
    previewMatch,
  ),
  command(
    {
      id: 'einvoice.match',
      method: 'POST',
      path: '/einvoice-statuses/{id}/match',
      summary: 'Join a waiting status to an invoice; what it says is done.',
      action: 'einvoice.match',
      input: matchEinvoiceInput,
    },
    matchStatus,
  ),
  command(
    {
      id: 'einvoice.set_aside',
      method: 'POST',
      path: '/einvoice-statuses/{id}/set-aside',
      summary: 'Put away a status whose invoice will not come, with a reason.',
      action: 'einvoice.match',
      input: setEinvoiceAsideInput,
    },
    setStatusAside,
  ),
];
