import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EINVOICE_BYTES } from '#lib/domain/einvoice/document.ts';
import { ciiXml, pdfWith, statusXml, ublXml } from '../../../test/support/einvoice.ts';
import { readFile, type EinvoiceFile } from './read-file.ts';

const read = (file: string | Uint8Array): Promise<EinvoiceFile> =>
  readFile(typeof file === 'string' ? new TextEncoder().encode(file) : file, 'Europe/Paris');
const refusal = async (file: string | Uint8Array): Promise<string> => {
  try {
    await read(file);
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { rule?: string } };
    if (code !== undefined) return details?.rule ?? code;
    throw error;
  }
  return 'taken';
};
const invoiceOf = async (file: string | Uint8Array) => {
  const found = await read(file);
  if (found.kind !== 'invoice') throw new Error('not an invoice');
  return found;
};
const messageOf = async (file: string | Uint8Array) => {
  const found = await read(file);
  if (found.kind !== 'status') throw new Error('not a status');
  return found.message;
};

describe('[EIN-13] a file is read by its content', () => {
  it('reads a status with reasons, actions, words and amounts', async () => {
    const message = await messageOf(
      statusXml({
        code: '206',
        reasons: [
          { code: 'QTE_ERR', label: ' Quantité ', action: 'CNP', note: 'Deux palettes & un carton' },
          { code: 'QTE_ERR', action: 'PIN' },
        ],
        amounts: [{ type: 'MNATTC', value: '240.5' }],
      }),
    );
    expect(message.issuer).toBe('552100554');
    expect(message.statements).toEqual([
      expect.objectContaining({
        code: '206',
        invoiceNumber: 'F-2026-001',
        invoiceDay: '2026-07-02',
        documentType: '380',
        statedAt: '2026-09-10T08:15:00.000Z',
        reasons: ['QTE_ERR'],
        actions: ['CNP', 'PIN'],
        words: ['Quantité', 'Deux palettes & un carton'],
        buyerId: '552100554',
        buyerName: 'Épicerie du Lac',
        sellerId: '732829320',
      }),
    ]);
    expect(message.statements[0]?.characteristics[0]).toMatchObject({ type: 'MNATTC', cents: 24_050, currency: 'EUR' });
  });
  it('reads a message about several documents', async () => {
    const more = [
      { code: '205', invoice: 'F-2' },
      { code: '205', invoice: 'F-3' },
    ];
    const { statements } = await messageOf(statusXml({ code: '205', invoice: 'F-1', more }));
    expect(statements.map(({ invoiceNumber }) => invoiceNumber)).toEqual(['F-1', 'F-2', 'F-3']);
  });
  it('reads winter time and offsets as the instants they are', async () => {
    const at = async (stated: string) => (await messageOf(statusXml({ code: '203', stated }))).statements[0]?.statedAt;
    expect(await at('20260115080000')).toBe('2026-01-15T07:00:00.000Z');
    expect(await at('20260329030000')).toBe('2026-03-29T01:00:00.000Z');
    expect(await at('20260715')).toBe('2026-07-14T22:00:00.000Z');
    expect(await at('2026-07-15T10:00:00+02:00')).toBe('2026-07-15T08:00:00.000Z');
  });
  it('reads CII with whatever prefixes, UBL, credit notes, numbers with signs and negative amounts', async () => {
    const buyer = {
      siren: '552100554',
      vat: 'FR 27 552 100 554',
      siret: '55210055400013',
      customer: 'C 0042',
      gln: '3012345678900',
    };
    const cii = await invoiceOf(
      ciiXml({
        number: '018304 / 28865',
        buyer,
        order: 'PO-9',
        delivery: 'BL-7',
        prepaid: '200.00',
        payable: '1000.00',
        terms: '30 jours fin de mois',
      }),
    );
    expect(cii.type).toBe('application/xml');
    expect(cii.document).toMatchObject({
      syntax: 'cii',
      number: '018304 / 28865',
      issueDay: '2026-07-02',
      dueDay: '2026-08-01',
      totalCents: 120_000,
      prepaidCents: 20_000,
      payableCents: 100_000,
      orderNumber: 'PO-9',
      deliveryNote: 'BL-7',
      terms: '30 jours fin de mois',
      buyer: {
        name: 'Épicerie du Lac',
        siren: '552100554',
        siret: '55210055400013',
        vatNumber: 'FR27552100554',
        customerNumber: 'C 0042',
        gln: '3012345678900',
        country: 'FR',
      },
    });
    const credit = await invoiceOf(ublXml({ credit: true, total: '-100.11', buyer: { vat: 'FR27552100554' } }));
    expect(credit.document).toMatchObject({ syntax: 'ubl', typeCode: '381', dueDay: null, totalCents: -10_011 });
    expect(credit.document.buyer).toMatchObject({ siren: '552100554', vatNumber: 'FR27552100554' });
    expect((await invoiceOf(ublXml({ due: null }))).document.dueDay).toBeNull();
  });
  it('takes an element by its namespace, not by its prefix', async () => {
    const foreign = ublXml().replace('<b:ID>', '<z:ID xmlns:z="urn:example:extension">WRONG</z:ID><b:ID>');
    expect((await invoiceOf(foreign)).document.number).toBe('F-2026-001');
    expect(await refusal('<CrossIndustryInvoice xmlns="urn:example:other"/>')).toBe('xml_unknown');
  });
  it('reads a Factur-X PDF, and says what a plain one is', async () => {
    const pdf = pdfWith([
      { name: 'notes.xml', text: '<a/>' },
      { name: 'factur-x.xml', text: ciiXml() },
    ]);
    expect(await invoiceOf(pdf)).toMatchObject({ type: 'application/pdf', document: { number: 'F-2026-001' } });
    expect(await refusal(pdfWith([]))).toBe('pdf_plain');
    expect(await refusal(pdfWith([{ name: 'x.txt', text: 'x' }]))).toBe('pdf_plain');
    expect(await refusal(new TextEncoder().encode('%PDF-1.7\nnothing of the kind'))).toBe('pdf_broken');
  });
  it('reads ISO-8859-1, UTF-16 in both orders and a byte order mark', async () => {
    const latin = Buffer.from(ciiXml().replace('UTF-8', 'ISO-8859-1'), 'latin1');
    const little = Buffer.from(`\ufeff${ciiXml().replace('UTF-8', 'UTF-16')}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    const bare = Buffer.from(ciiXml().replace('UTF-8', 'UTF-16'), 'utf16le');
    const marked = Buffer.from(`\ufeff${ciiXml()}`, 'utf8');
    for (const bytes of [latin, little, big, bare, marked])
      expect((await invoiceOf(new Uint8Array(bytes))).document.buyer.name).toBe('Épicerie du Lac');
    expect(await refusal(ciiXml().replace('UTF-8', 'EBCDIC-FR'))).toBe('xml_encoding');
    expect(await refusal(new Uint8Array(Buffer.from(ciiXml(), 'latin1')))).toBe('xml_encoding');
  });
});

describe('[EIN-14] hostile and broken files are refused at once', () => {
  it('[B5] a small PDF whose XML is larger than any file may be', async () => {
    const within = `${ciiXml()}<!--${' '.repeat(1_000_000)}-->`;
    expect(await invoiceOf(pdfWith([{ name: 'factur-x.xml', text: within, packed: true }]))).toMatchObject({
      document: { number: 'F-2026-001' },
    });
    const bomb = pdfWith([
      { name: 'factur-x.xml', text: `${ciiXml()}<!--${' '.repeat(3 * EINVOICE_BYTES)}-->`, packed: true },
    ]);
    expect(bomb.length).toBeLessThan(EINVOICE_BYTES / 100);
    expect(await refusal(bomb)).toBe('xml_too_complex');
  });
  const bomb = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY b${n} "&a;&a;&a;&a;">`).join('')}]><a>&b19;</a>`;
  const cases: [string, string | Uint8Array, string][] = [
    ['an empty file', '', 'file_empty'],
    ['a text', 'Bonjour', 'file_kind'],
    ['a ZIP', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 'file_kind'],
    ['entities within entities', bomb, 'xml_doctype'],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'xml_doctype'],
    ['an unknown entity', '<a>&secret;</a>', 'xml_broken'],
    ['what is not closed', '<a><b></a>', 'xml_broken'],
    ['half a file', ciiXml().slice(0, 900), 'xml_broken'],
    ['two roots', '<a/><a/>', 'xml_broken'],
    ['great depth', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`, 'xml_too_deep'],
    ['many elements', `<a>${'<b/>'.repeat(200_000)}</a>`, 'xml_too_complex'],
    ['many attributes', `<a ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(' ')}/>`, 'xml_too_complex'],
    ['another document', '<html xmlns="http://www.w3.org/1999/xhtml"/>', 'xml_unknown'],
    ['no number', ciiXml({ number: '' }), 'field_missing'],
    ['a day that is none', ublXml({ issued: '2026-02-30' }), 'day_unreadable'],
    ['an amount in words', ublXml({ total: 'beaucoup' }), 'amount_unreadable'],
    ['an amount beyond reason', ublXml({ total: '9'.repeat(30) }), 'amount_unreadable'],
    ['money of nowhere', ciiXml({ currency: 'XQX' }), 'currency_unknown'],
    [
      'a status without documents',
      statusXml({ code: '205' }).replaceAll('ReferenceReferencedDocument', 'Other'),
      'field_missing',
    ],
  ];
  it.each(cases)('%s', async (_name, file, rule) => {
    const begun = performance.now();
    expect(await refusal(file)).toBe(rule);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
  it('takes 20 MB and not more', async () => {
    const lines =
      '<x:IncludedSupplyChainTradeLineItem><x:LineID>1</x:LineID></x:IncludedSupplyChainTradeLineItem>'.repeat(200_000);
    const large = ciiXml().replace('<x:ApplicableHeaderTradeAgreement>', `${lines}<x:ApplicableHeaderTradeAgreement>`);
    expect((await invoiceOf(large)).document.number).toBe('F-2026-001');
    expect(await refusal(new Uint8Array(20 * 1_024 * 1_024 + 1))).toBe('too_large');
  });
});

/** A folder of real messages, if there is one on this machine: each must be read or refused by name, none must fail. */
const folder = process.env.ENCOURS_EINVOICE_DATA ?? '';
describe.skipIf(folder === '' || !existsSync(folder))('real files', () => {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  it.each(files.filter((one) => one.isFile()).map((one) => [one.name, join(one.parentPath, one.name)]))(
    '%s',
    async (_name, path) => {
      expect(await refusal(new Uint8Array(readFileSync(path)))).toBe('taken');
    },
  );
});
