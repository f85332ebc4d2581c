/* eslint-disable no-control-regex -- control characters are what is looked for */
import type { AttachmentType } from './attachment.ts';

/** First and last bytes of a file that are looked at. */
export const HEAD_BYTES = 65_536;
export const TAIL_BYTES = 65_536;

const OOXML = 'application/vnd.openxmlformats-officedocument.';
const latin1 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return text;
};

/** Types that begin with fixed bytes, as Latin-1. */
const MAGIC: readonly (readonly [AttachmentType, RegExp])[] = [
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\x00-\xff]{4}WEBPVP8/],
  ['image/heic', /^[\x00-\xff]{4}ftyp(?:heic|heix|heim|heis|hevc|mif1|msf1)/],
];

/**
 * What a file is by its content; null for what is none of ATTACHMENT_TYPES. The name plays no part. What a browser would run as a
 * page (HTML, SVG, XSLT) is none.
 *
 * @param head its first HEAD_BYTES, or all of it
 * @param tail its last TAIL_BYTES
 */
export function fileTypeOf(head: Uint8Array, tail: Uint8Array): AttachmentType | null {
  const begin = latin1(head);
  for (const [type, pattern] of MAGIC) if (pattern.test(begin)) return type;
  // The format allows something before the mark; readers take it within the first kilobyte.
  if (/%PDF-\d/.test(begin.slice(0, 1_024))) return 'application/pdf';
  if (/^PK(?:\x03\x04|\x05\x06)/.test(begin)) return zipTypeOf(begin + latin1(tail));
  const text = textOf(head);
  return text === null ? null : textTypeOf(text);
}

/** An office document is an archive that says so in its entries' names. */
function zipTypeOf(seen: string): AttachmentType {
  if (!seen.includes('[Content_Types].xml')) return 'application/zip';
  if (seen.includes('xl/workbook.xml')) return `${OOXML}spreadsheetml.sheet`;
  if (seen.includes('word/document.xml')) return `${OOXML}wordprocessingml.document`;
  return 'application/zip';
}

/** The beginning as text: UTF-8, UTF-16 with its mark, or Latin-1; null when it holds what no text does. */
function textOf(head: Uint8Array): string | null {
  if (head.length === 0) return null;
  const [first, second] = head;
  const wide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const text = wide
    ? new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(head.subarray(0, head.length & ~1))
    : (utf8Of(head) ?? latin1(head));
  return /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f]/.test(text) ? null : text;
}

function utf8Of(head: Uint8Array): string | null {
  // A character may be cut at the end of what is looked at.
  for (let cut = 0; cut < 4; cut += 1) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, head.length - cut));
    } catch {
      if (head.length < HEAD_BYTES) return null;
    }
  }
  return null;
}

const PAGE = /<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|object|embed)\b/i;
const MAIL_HEADER =
  /^(?:from|to|subject|date|message-id|mime-version|received|return-path|content-type|delivered-to|x-[\w-]+):/i;

function textTypeOf(text: string): AttachmentType | null {
  const trimmed = text.trimStart();
  if (/^<\?xml\b|^<[A-Za-z_][\w.-]*(?::[\w.-]+)?[\s>/]/.test(trimmed)) {
    const root = /<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)/.exec(trimmed.replace(/^<\?xml[^>]*\?>/, ''))?.[2] ?? '';
    if (/^(?:html|svg|stylesheet|transform)$/i.test(root) || PAGE.test(trimmed.slice(0, 4_096))) return null;
    return 'application/xml';
  }
  const lines = text.split(/\r\n|\r|\n/, 20);
  const headers = lines.slice(0, lines.indexOf('') < 0 ? 20 : lines.indexOf(''));
  if (MAIL_HEADER.test(lines[0] ?? '') && headers.filter((line) => MAIL_HEADER.test(line)).length >= 2)
    return 'message/rfc822';
  if (PAGE.test(trimmed.slice(0, 1_024))) return null;
  return isTable(lines.filter((line) => line !== '')) ? 'text/csv' : 'text/plain';
}

/** Two lines at least, each with the same number of separators. */
function isTable(lines: readonly string[]): boolean {
  const whole = lines.slice(0, Math.min(lines.length, 10));
  if (whole.length < 2) return false;
  return [';', '\t', ',', '|'].some((separator) => {
    const counts = whole.map((line) => line.replace(/"[^"]*"/g, '').split(separator).length - 1);
    return counts[0] !== undefined && counts[0] > 0 && counts.every((count) => count === counts[0]);
  });
}
