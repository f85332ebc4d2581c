import { parentPort, workerData } from 'node:worker_threads';
import { EINVOICE_BYTES } from '#lib/domain/einvoice/document.ts';

/** What the worker found in a PDF; `code` as in the list of refusals. */
export type PdfAnswer =
  { ok: true; xml: Uint8Array } | { ok: false; code: 'pdf_broken' | 'pdf_locked' | 'pdf_plain' | 'xml_too_complex' };

const INVOICE_NAMES = /^(?:factur-x|zugferd-invoice|xrechnung|order-x|cii|ubl|invoice|facture)\.xml$/i;

/** Runs beside the server's loop: a hostile PDF must not hold it up. */
async function invoiceOf(data: Uint8Array): Promise<PdfAnswer> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const task = getDocument({
    data,
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    stopAtErrors: false,
    enableXfa: false,
  });
  try {
    const document = await task.promise;
    const all = [...((await document.getAttachments()) ?? new Map<string, { filename: string }>())];
    const files = all.filter(([id, { filename }]) => /\.xml$/i.test(filename || id));
    const named = files.find(([id, { filename }]) => INVOICE_NAMES.test(filename || id));
    const chosen = named ?? (files.length === 1 ? files[0] : undefined);
    const xml = chosen === undefined ? null : await document.getAttachmentContent(chosen[0]);
    if (!(xml instanceof Uint8Array)) return { ok: false, code: 'pdf_plain' };
    // Packed, it may have been a thousandth of that.
    if (xml.length > EINVOICE_BYTES) return { ok: false, code: 'xml_too_complex' };
    return { ok: true, xml: new Uint8Array(xml) };
  } catch (error) {
    const locked = error instanceof Error && error.name === 'PasswordException';
    return { ok: false, code: locked ? 'pdf_locked' : 'pdf_broken' };
  }
}

if (parentPort !== null) {
  const port = parentPort;
  void invoiceOf(workerData as Uint8Array).then((answer) => port.postMessage(answer));
}
