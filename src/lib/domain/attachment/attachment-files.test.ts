/* eslint-disable no-control-regex -- control characters are what is looked for */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanFileName, NAME_CHARS } from './file-name.ts';
import { fileTypeOf } from './file-type.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
const typeOf = (text: string): string | null => fileTypeOf(bytes(text), bytes(text));
const utf8 = (text: string): string | null => {
  const all = new TextEncoder().encode(text);
  return fileTypeOf(all, all);
};

describe('what a file is', () => {
  it.each([
    ['%PDF-1.7\n', 'application/pdf'],
    ['\xef\xbb\xbf  %PDF-1.4', 'application/pdf'],
    ['\xff\xd8\xff\xe0\x00\x10JFIF', 'image/jpeg'],
    ['\x89PNG\r\n\x1a\n\x00', 'image/png'],
    ['GIF89a\x01', 'image/gif'],
    ['RIFF\x00\x00\x00\x00WEBPVP8 ', 'image/webp'],
    ['\x00\x00\x00\x18ftypheic\x00', 'image/heic'],
    ['PK\x03\x04 photo.jpg', 'application/zip'],
    [
      'PK\x03\x04 [Content_Types].xml xl/workbook.xml',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ],
    [
      'PK\x03\x04 [Content_Types].xml word/document.xml',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['<?xml version="1.0"?><rsm:CrossIndustryInvoice/>', 'application/xml'],
    ['Date;Montant\n2026-01-01;12,50\n', 'text/csv'],
    ['Bonjour,\nvoici la photo.\n', 'text/plain'],
    ['Soci\xe9t\xe9 en Latin-1', 'text/plain'],
    ['From: a@example.com\nSubject: litige\nDate: x\n\nBonjour', 'message/rfc822'],
    ['MZ\x90\x00\x03', null],
    ['\x7fELF\x02\x01', null],
    ['<!doctype html><p>x', null],
    ['<html><script>alert(1)</script>', null],
    ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', null],
    ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', null],
    ['<?xml version="1.0"?><x:html xmlns:x="http://www.w3.org/1999/xhtml"/>', null],
    ['hello <script>alert(1)</script>', null],
    ['', null],
  ])('%j is %s', (content, type) => {
    expect(typeOf(content)).toBe(type);
  });

  it('is text in UTF-8 too, also cut within a character', () => {
    expect(utf8('Litige nº 12 — été')).toBe('text/plain');
    const long = new TextEncoder().encode('é'.repeat(40_000)).subarray(0, 65_535);
    expect(fileTypeOf(long, long)).toBe('text/plain');
  });
});

describe('[B9] a file’s name', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['C:\\Users\\Awa\\bon de livraison.pdf', 'bon de livraison.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['facture\u202efdp.exe', 'facturefdp.exe'],
    ['a\u0000b\r\nc.txt', 'abc.txt'],
    ['..', 'file'],
    ['', 'file'],
    ['"><img src=x onerror=alert(1)>.png', '___img src=x onerror=alert(1)_.png'],
    ['e\u0301te\u0301.pdf', 'été.pdf'],
    ['👩\u200d🔧.png', '👩\u200d🔧.png'],
  ])('%j is kept as %j', (given, kept) => {
    expect(cleanFileName(given)).toBe(kept);
  });

  it('has no path, nothing hidden, an end, and is itself when cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (given) => {
        const name = cleanFileName(given);
        expect(name).not.toMatch(/[/\\\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
        expect(name.isWellFormed()).toBe(true);
        expect(name.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(NAME_CHARS);
        expect(cleanFileName(name)).toBe(name);
      }),
    );
    expect(cleanFileName(`${'x'.repeat(300)}.pdf`)).toMatch(/^x{196}\.pdf$/);
  });
});
