import { refuseFile } from './refused.ts';

/** Encodings that an XML declaration may name; anything else is refused. */
const LABELS: { [label: string]: string } = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  // Written by programs that name the encoding of their memory: the bytes of the declaration are single ones.
  'utf-16': 'utf-8',
  unicode: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'windows-1252',
  'iso8859-1': 'windows-1252',
  iso_8859_1: 'windows-1252',
  latin1: 'windows-1252',
  'latin-1': 'windows-1252',
  cp1252: 'windows-1252',
  'windows-1252': 'windows-1252',
  'iso-8859-15': 'iso-8859-15',
  'iso8859-15': 'iso-8859-15',
  'iso-8859-2': 'iso-8859-2',
  'windows-1250': 'windows-1250',
};

const HEAD = 200;

function encodingOf(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0x3c && b === 0 && c !== 0) return 'utf-16le';
  if (a === 0 && b === 0x3c && d !== 0) return 'utf-16be';
  const head = Buffer.from(bytes.subarray(0, HEAD)).toString('latin1');
  const named = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1]?.toLowerCase();
  return named === undefined ? 'utf-8' : (LABELS[named] ?? refuseFile('xml_encoding'));
}

/**
 * The text of an XML file, by its byte order mark, else by its declaration, else UTF-8. The mark itself is left out.
 *
 * @throws AppError einvoice_unreadable (xml_encoding) where bytes are not of that encoding
 */
export function decodeXml(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) refuseFile('xml_encoding');
    throw error;
  }
}
