import { EINVOICE_BYTES, type EinvoiceDocument } from '#lib/domain/einvoice/document.ts';
import type { StatusMessage } from '#lib/domain/einvoice/statement.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { CDAR_URI, readCdar } from './read-cdar.ts';
import { CII_URI, readCii } from './read-cii.ts';
import { xmlOfPdf } from './read-pdf.ts';
import { readUbl, UBL_URI } from './read-ubl.ts';
import { readXml } from './read-xml.ts';
import { refuseFile } from './refused.ts';

/** What a file turned out to be. */
export type EinvoiceFile =
  | { kind: 'status'; message: StatusMessage }
  | { kind: 'invoice'; document: EinvoiceDocument; type: 'application/xml' | 'application/pdf' };

const isPdf = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 1_024)).toString('latin1').includes('%PDF-');

/** An XML file begins with a bracket, after a byte order mark and white space, in one or two bytes a character. */
const isXml = (bytes: Uint8Array): boolean =>
  /^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?[\s\0]*</.test(
    Buffer.from(bytes.subarray(0, 256)).toString('latin1'),
  );

/**
 * Recognises a file by its content and reads it: life-cycle message (CDAR), invoice (CII, UBL), or a PDF that carries one.
 *
 * @param timeZone of the workspace
 * @throws AppError too_large; einvoice_unreadable, the rule says why
 */
export async function readFile(bytes: Uint8Array, timeZone: string): Promise<EinvoiceFile> {
  if (bytes.length > EINVOICE_BYTES) throw new AppError('too_large', { maxBytes: EINVOICE_BYTES });
  if (bytes.length === 0) refuseFile('file_empty');
  if (isXml(bytes)) return readTree(bytes, timeZone, 'application/xml');
  if (isPdf(bytes)) return readTree(await xmlOfPdf(bytes), timeZone, 'application/pdf');
  return refuseFile('file_kind');
}

async function readTree(
  bytes: Uint8Array,
  timeZone: string,
  type: 'application/xml' | 'application/pdf',
): Promise<EinvoiceFile> {
  const root = await readXml(bytes);
  if (CII_URI.test(root.uri) && root.name === 'CrossIndustryInvoice')
    return { kind: 'invoice', document: readCii(root), type };
  const ubl = UBL_URI.exec(root.uri);
  if (ubl !== null && ubl[1] === root.name) return { kind: 'invoice', document: readUbl(root), type };
  if (CDAR_URI.test(root.uri) && root.name === 'CrossDomainAcknowledgementAndResponse')
    return { kind: 'status', message: readCdar(root, timeZone) };
  return refuseFile('xml_unknown');
}
