import { describe, expect, it } from 'vitest';
import { amountOf, announcedDayOf, type Statement } from '#lib/domain/einvoice/statement.ts';
import { detailOf } from '#lib/domain/einvoice/detail.ts';
import { ciiXml, statusXml, ublXml, type StatusSpec } from '../../../test/support/einvoice.ts';
import { readFile } from './read-file.ts';

/** How other writers of the same messages write them: each must be read as the plain one is, or as said. */
const read = (file: string | Uint8Array) =>
  readFile(typeof file === 'string' ? new TextEncoder().encode(file) : file, 'Europe/Paris');
const statementsOf = async (file: string | Uint8Array): Promise<Statement[]> => {
  const found = await read(file);
  if (found.kind !== 'status') throw new Error('not a status');
  return found.message.statements;
};
const invoiceOf = async (file: string | Uint8Array) => {
  const found = await read(file);
  if (found.kind !== 'invoice') throw new Error('not an invoice');
  return found.document;
};
const refusal = async (file: string | Uint8Array): Promise<string> => {
  try {
    await read(file);
    return 'taken';
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { rule?: string } };
    if (code === undefined) throw error;
    return details?.rule ?? code;
  }
};

const SPEC: StatusSpec = {
  code: '206',
  reasons: [{ code: 'QTE_ERR', label: 'Quantité reçue', action: 'CNP', note: 'Été : 2 palettes' }],
  amounts: [{ type: 'MNATTC', value: '240.50' }],
};
const PLAIN = statusXml(SPEC);
const bytes = (text: string, encoding: BufferEncoding): Uint8Array => new Uint8Array(Buffer.from(text, encoding));
const renamed = (to: string): string => PLAIN.replaceAll(/(<\/?|xmlns:)ram(?=[:=])/g, `$1${to}`);
/** Every element under a default namespace of its own, no prefix anywhere. */
const bare = (xml: string): string => {
  const uris = new Map([...xml.matchAll(/xmlns:(\w+)="([^"]+)"/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
  return xml
    .replaceAll(/ xmlns:\w+="[^"]+"/g, '')
    .replaceAll(/<(\w+):(\w+)/g, (_all, prefix: string, name: string) => `<${name} xmlns="${uris.get(prefix) ?? ''}"`)
    .replaceAll(/<\/\w+:/g, '</');
};

describe('[EIN-13] the same message as others write it', () => {
  const VARIANTS: [string, string | Uint8Array][] = [
    ['other prefixes', renamed('a-b.c_9')],
    ['default namespaces', bare(PLAIN)],
    ['a mark and CRLF', `\ufeff${PLAIN.replaceAll('\n', '\r\n')}`],
    ['an empty line before the declaration', `\r\n \n${PLAIN}`],
    ['no declaration', PLAIN.replace(/<\?xml[^>]*\?>\s*/, '')],
    [
      'a declaration in single quotes, standalone',
      PLAIN.replace(/<\?xml[^>]*\?>/, "<?xml version='1.0' encoding='utf-8' standalone='yes'?>"),
    ],
    ['UTF-16, marked', bytes(`\ufeff${PLAIN.replace('UTF-8', 'UTF-16')}`, 'utf16le')],
    ['UTF-16, unmarked', bytes(PLAIN.replace('UTF-8', 'utf-16'), 'utf16le')],
    ['UTF-16 by name only', PLAIN.replace('UTF-8', 'utf-16')],
    ['ISO-8859-1', bytes(PLAIN.replace('UTF-8', 'ISO-8859-1'), 'latin1')],
    ['ISO_8859_1, as some name it', bytes(PLAIN.replace('UTF-8', 'ISO_8859_1'), 'latin1')],
    ['windows-1252', bytes(PLAIN.replace('UTF-8', 'Windows-1252'), 'latin1')],
    [
      'comments, CDATA, processing instructions',
      PLAIN.replace('Quantité reçue', '<!-- x --><![CDATA[Quantité reçue]]><?y z?>'),
    ],
    ['white space within', PLAIN.replaceAll(/>([^<>\s][^<>]*)</g, '>\n\t $1 \n<')],
    [
      'codes in small letters',
      PLAIN.replace('QTE_ERR', 'qte_err').replace('>CNP<', '>cnp<').replace('>MNATTC<', '>mnattc<'),
    ],
    ['a comma in an amount', PLAIN.replace('>240.50<', '>240,50<')],
    ['four decimals', PLAIN.replace('>240.50<', '>240.5000<')],
    ['currency in small letters', PLAIN.replace('currencyID="EUR"', 'currencyID="eur"')],
    [
      'an extension of somebody',
      PLAIN.replace(
        '<rsm:AcknowledgementDocument>',
        '<z:X xmlns:z="urn:z"><z:ID>1</z:ID></z:X><rsm:AcknowledgementDocument>',
      ),
    ],
  ];
  it.each(VARIANTS)('%s', async (_name, file) => {
    const plain = (await statementsOf(PLAIN))[0];
    expect(await statementsOf(file)).toEqual([plain]);
  });

  const code = (from: string, to: string): string => PLAIN.replace(from, to);
  const PCC = '<ram:ProcessConditionCode>206</ram:ProcessConditionCode>';
  const CODES: [string, string, string][] = [
    ['as the norm has it, beside a code of UNTDID', code(PCC, `<ram:StatusCode>46</ram:StatusCode>${PCC}`), '206'],
    ['with a country', code(PCC, PCC.replace('206', 'fr:206')), '206'],
    ['as the status code', code(PCC, '<ram:StatusCode>206</ram:StatusCode>'), '206'],
    [
      'beside the reason',
      code(PCC, '').replace(
        '<ram:ReasonCode>',
        '<ram:ProcessConditionCode>206</ram:ProcessConditionCode><ram:ReasonCode>',
      ),
      '206',
    ],
    [
      'on the acknowledgement',
      code(PCC, '').replace(
        '<rsm:AcknowledgementDocument>',
        '<rsm:AcknowledgementDocument><ram:StatusCode>206</ram:StatusCode>',
      ),
      '206',
    ],
    ['unknown', code(PCC, PCC.replace('206', '299')), '299'],
    ['of another kind', code(PCC, PCC.replace('206', 'ACCEPTED')), 'ACCEPTED'],
  ];
  it.each(CODES)('finds the status code %s', async (_name, file, expected) => {
    expect((await statementsOf(file)).map((one) => one.code)).toEqual([expected]);
  });
  it('takes no code of UNTDID for a status, and says that none is there', async () => {
    expect(await refusal(code(PCC, '<ram:StatusCode>46</ram:StatusCode>'))).toBe('field_missing');
  });

  const STATED: [string, string][] = [
    ['20260910101500', '2026-09-10T08:15:00.000Z'],
    ['202609101015', '2026-09-10T08:15:00.000Z'],
    ['20260910', '2026-09-09T22:00:00.000Z'],
    ['202609101015+0200', '2026-09-10T08:15:00.000Z'],
    ['20260910101500+02:00', '2026-09-10T08:15:00.000Z'],
    ['20260910081500Z', '2026-09-10T08:15:00.000Z'],
    ['20260910101500+02', '2026-09-10T08:15:00.000Z'],
    ['2026-09-10T10:15:00', '2026-09-10T08:15:00.000Z'],
    ['2026-09-10T10:15:00.123456+02:00', '2026-09-10T08:15:00.000Z'],
    ['2026-09-10 10:15', '2026-09-10T08:15:00.000Z'],
    ['2026-09-10', '2026-09-09T22:00:00.000Z'],
  ];
  it.each(STATED)('dates a status of %s', async (stated, expected) => {
    expect((await statementsOf(statusXml({ code: '203', stated })))[0]?.statedAt).toBe(expected);
  });
  it('takes dates as XML has them, and refuses what is none', async () => {
    const iso = PLAIN.replaceAll(
      /<udt:DateTimeString format="204">\d+<\/udt:DateTimeString>/g,
      '<udt:DateTime>2026-09-10T08:15:00Z</udt:DateTime>',
    ).replace(/<qdt:DateTimeString format="102">\d+<\/qdt:DateTimeString>/, '2026-07-02+02:00');
    expect(await statementsOf(iso)).toMatchObject([{ statedAt: '2026-09-10T08:15:00.000Z', invoiceDay: '2026-07-02' }]);
    for (const stated of ['2026-13-01', '20260230', '20260910251500', 'hier', '10/09/2026'])
      expect([stated, await refusal(statusXml({ code: '203', stated }))]).toEqual([stated, 'day_unreadable']);
  });

  it('reads several reasons, in one status or many, with and without amounts, and none', async () => {
    const many = PLAIN.replace('</ram:ReasonCode>', '</ram:ReasonCode><ram:ReasonCode>PU_ERR</ram:ReasonCode>').replace(
      '</ram:SpecifiedDocumentStatus>',
      '</ram:SpecifiedDocumentStatus><ram:SpecifiedDocumentStatus><ram:ReasonCode>REM_ERR</ram:ReasonCode><ram:SequenceNumeric>2</ram:SequenceNumeric></ram:SpecifiedDocumentStatus>',
    );
    expect(await statementsOf(many)).toMatchObject([{ reasons: ['QTE_ERR', 'PU_ERR', 'REM_ERR'], actions: ['CNP'] }]);
    expect(await statementsOf(statusXml({ code: '207' }))).toMatchObject([{ reasons: [], actions: [], words: [] }]);
  });
  it('says everything of one document once, and each of several documents', async () => {
    const twice = statusXml({ ...SPEC, invoice: 'F-1', more: [{ code: '207', invoice: 'F-2' }] });
    const [reference = ''] =
      /<ram:ReferenceReferencedDocument>[^]*?<\/ram:ReferenceReferencedDocument>/.exec(twice) ?? [];
    const again = reference.replace('QTE_ERR', 'PU_ERR').replace('240.50', '10.00');
    const all = await statementsOf(
      twice.replace(reference, `${reference}${again}${reference.replace('>206<', '>207<')}`),
    );
    expect(all.map(({ code: said, invoiceNumber, reasons }) => [said, invoiceNumber, reasons])).toEqual([
      ['206', 'F-1', ['QTE_ERR', 'PU_ERR']],
      ['207', 'F-1', ['QTE_ERR']],
      ['207', 'F-2', []],
    ]);
    expect(all[0] && amountOf(all[0])).toEqual({ cents: 25_050, currency: 'EUR' });
    const doubled = await statementsOf(twice.replace(reference, `${reference}${reference}`));
    expect(doubled[0] && amountOf(doubled[0])).toEqual({ cents: 24_050, currency: 'EUR' });
  });

  const amounts = (status: string, given: StatusSpec['amounts']) => statusXml({ code: status, amounts: given ?? [] });
  const EUR = (cents: number) => ({ cents, currency: 'EUR' });
  const AMOUNTS: [string, string, ReturnType<typeof EUR> | null][] = [
    [
      'refused, by rates',
      amounts('206', [
        { type: 'MNATTC', value: '100' },
        { type: 'MNATTC', value: '20.10' },
      ]),
      EUR(12_010),
    ],
    [
      'refused, before what else is said',
      amounts('206', [
        { type: 'MNA', value: '100' },
        { type: 'RAP', value: '7' },
        { type: 'MNATTC', value: '120' },
      ]),
      EUR(12_000),
    ],
    ['approved only', amounts('206', [{ type: 'MAPTTC', value: '900' }]), EUR(30_000)],
    [
      'of a kind that says nothing here',
      amounts('207', [
        { type: 'RAP', value: '7' },
        { type: 'XYZ', value: '1' },
      ]),
      null,
    ],
    ['announced', amounts('211', [{ type: 'MPA', value: '1200.00' }]), EUR(120_000)],
    ['announced, under the other name', amounts('211', [{ type: 'MEN', value: '1200.00' }]), EUR(120_000)],
    ['collected', amounts('212', [{ type: 'MEN', value: '12000' }]), EUR(1_200_000)],
    [
      'in two currencies, not added up',
      amounts('211', [
        { type: 'MPA', value: '100' },
        { type: 'MPA', value: '110', currency: 'USD' },
      ]),
      EUR(10_000),
    ],
    [
      'of another currency',
      amounts('211', [{ type: 'MPA', value: '5', currency: 'USD' }]),
      { cents: 500, currency: 'USD' },
    ],
    ['of no currency of this world', amounts('211', [{ type: 'MPA', value: '5', currency: 'XQX' }]), null],
    ['for a refusal of the whole', amounts('210', [{ type: 'MNATTC', value: '5' }]), null],
  ];
  it.each(AMOUNTS)('reads an amount %s', async (_name, file, expected) => {
    const [one] = await statementsOf(file);
    expect(one && amountOf(one, 120_000)).toEqual(expected);
  });
  it('keeps what was given and expected as words, whatever their form', async () => {
    const told = (type: string, value: string): string =>
      `<ram:SpecifiedDocumentCharacteristic><ram:ID>BT-146</ram:ID><ram:TypeCode>${type}</ram:TypeCode>${value}</ram:SpecifiedDocumentCharacteristic>`;
    const price = (value: string): string => `<ram:ValueAmount currencyID="EUR">${value}</ram:ValueAmount>`;
    const day = (value: string): string =>
      `<ram:ValueDateTime><udt:DateTimeString>${value}</udt:DateTimeString></ram:ValueDateTime>`;
    const withTold = (...parts: string[]): string =>
      statusXml({ code: '207', reasons: [{ code: 'PU_ERR' }] }).replace(
        '<ram:SequenceNumeric>',
        `${parts.join('')}<ram:SequenceNumeric>`,
      );
    const detail = async (file: string) => {
      const [one] = await statementsOf(file);
      return one && detailOf(one, 'en');
    };
    expect(await detail(withTold(told('DIV', price('10.12345')), told('DVA', price('environ 9'))))).toBe(
      'Net price 10.12345 EUR given, environ 9 EUR expected',
    );
    expect(await detail(withTold(told('DIV', day('20260230')), told('DVA', day('20260701'))))).toBe(
      'Net price 2026-02-30 given, 2026-07-01 expected',
    );
  });
  it('reads the day of an announcement beside its amount', async () => {
    const [one] = await statementsOf(amounts('211', [{ type: 'MEN', value: '1', day: '20260930' }]));
    expect(one && announcedDayOf(one)).toBe('2026-09-30');
  });

  const party = '<ram:GlobalID schemeID="0002">552100554</ram:GlobalID>';
  const BUYERS: [string, string, string | null][] = [
    ['a SIREN without its scheme', '<ram:ID>552100554</ram:ID>', '552100554'],
    [
      'a SIRET beside other numbers',
      '<ram:ID>C-7</ram:ID><ram:GlobalID schemeID="0009">55210055400013</ram:GlobalID>',
      '55210055400013',
    ],
    [
      'a SIREN of the organization',
      '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">552100554</ram:ID></ram:SpecifiedLegalOrganization>',
      '552100554',
    ],
    ['an address of the network', '<ram:GlobalID schemeID="0225">552100554_STATUTS</ram:GlobalID>', '552100554'],
    [
      'an address alone',
      '<ram:URIUniversalCommunication><ram:URIID schemeID="0225">552100554_1</ram:URIID></ram:URIUniversalCommunication>',
      '552100554',
    ],
    ['a number of its own', '<ram:ID>C-7</ram:ID>', 'C-7'],
    ['nothing', '', null],
  ];
  it.each(BUYERS)('knows the buyer by %s', async (_name, given, expected) => {
    expect(await statementsOf(PLAIN.replace(party, given))).toMatchObject([{ buyerId: expected }]);
  });

  it('keeps hostile words as plain words', async () => {
    const note = '</script><img src=x onerror=alert(1)> =cmd|calc \u202e\u0085txt {{7*7}} \ud83d\ude00';
    const [one] = await statementsOf(
      statusXml({ code: '207', reasons: [{ code: 'AUTRE', note, label: "'; DROP TABLE x; --" }] }),
    );
    expect(one?.words).toEqual([
      "'; DROP TABLE x; --",
      '</script><img src=x onerror=alert(1)> =cmd|calc txt {{7*7}} \ud83d\ude00',
    ]);
    const long = await statementsOf(
      statusXml({ code: '207', reasons: [{ code: 'A'.repeat(500), note: 'mot '.repeat(50_000) }] }),
    );
    expect(long[0]?.reasons[0]).toHaveLength(40);
    expect(detailOf(long[0] as Statement, 'fr')?.length).toBeLessThanOrEqual(2_000);
  });
});

describe('[EIN-13] invoices as others write them', () => {
  const CII: [string, string | Uint8Array, object][] = [
    ['default namespaces', bare(ciiXml()), { number: 'F-2026-001', totalCents: 120_000 }],
    ['UTF-16 by name only', ciiXml().replace('UTF-8', 'utf-16'), { number: 'F-2026-001' }],
    ['a correction', ciiXml({ type: '384', total: '-8.79' }), { typeCode: '384', totalCents: -879 }],
    [
      'a credit note',
      ciiXml({ type: '381', total: '100.00', due: null }),
      { typeCode: '381', totalCents: 10_000, dueDay: null },
    ],
    [
      'totals in two currencies',
      ciiXml().replace(
        '<x:GrandTotalAmount>1200.00',
        '<x:GrandTotalAmount currencyID="USD">1300.00</x:GrandTotalAmount><x:GrandTotalAmount currencyID="EUR">1200.00',
      ),
      { totalCents: 120_000, currency: 'EUR' },
    ],
    ['without a due day or terms', ciiXml({ due: null }), { dueDay: null, terms: null }],
    ['a code of great length', ciiXml({ type: '380'.repeat(100) }), { typeCode: '3803803803' }],
    ['UBL with default namespaces', bare(ublXml()), { syntax: 'ubl', number: 'F-2026-001' }],
    ['UBL with a zone behind the day', ublXml({ issued: '2026-07-02+02:00' }), { issueDay: '2026-07-02' }],
    [
      'a UBL invoice that is a credit note',
      ublXml({ type: '381', total: '50' }),
      { typeCode: '381', totalCents: 5_000 },
    ],
  ];
  it.each(CII)('%s', async (_name, file, expected) => {
    expect(await invoiceOf(file)).toMatchObject(expected);
  });
});

describe('[EIN-14] what is none of these is refused with its reason', () => {
  const zip = new Uint8Array(Buffer.from('504b0304140000000800', 'hex'));
  const gzip = new Uint8Array(Buffer.from('1f8b0800000000000003', 'hex'));
  const half = bytes(`\ufeff${PLAIN}`, 'utf16le').subarray(0, 2_001);
  const REFUSED: [string, string | Uint8Array, string][] = [
    ['nothing', new Uint8Array(0), 'file_empty'],
    ['white space', ' \r\n ', 'file_kind'],
    ['a mark alone', new Uint8Array([0xef, 0xbb, 0xbf]), 'file_kind'],
    ['ZIP', zip, 'file_kind'],
    ['gzip', gzip, 'file_kind'],
    ['JSON', '{"code":"207"}', 'file_kind'],
    ['a declaration alone', '<?xml version="1.0"?>', 'xml_broken'],
    ['half of a UTF-16 file', half, 'xml_encoding'],
    ['bytes of another encoding', bytes(PLAIN, 'latin1'), 'xml_encoding'],
    ['an encoding that nobody has', PLAIN.replace('UTF-8', 'IBM-1047'), 'xml_encoding'],
    [
      'a DOCTYPE after a comment',
      PLAIN.replace('?>', '?><!-- x --><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'),
      'xml_doctype',
    ],
    [
      'a parameter entity',
      PLAIN.replace('?>', '?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'),
      'xml_doctype',
    ],
    ['a DOCTYPE in UTF-16', bytes(`\ufeff<!DOCTYPE x SYSTEM "x"><x/>`, 'utf16le'), 'xml_doctype'],
    ['cut within a name', PLAIN.slice(0, PLAIN.indexOf('ProcessConditionCode') + 5), 'xml_broken'],
    ['a prefix that is not declared', PLAIN.replace(/ xmlns:ram="[^"]+"/, ''), 'xml_broken'],
    [
      'an answer of UBL',
      '<ApplicationResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"/>',
      'xml_unknown',
    ],
    ['no number of the message', PLAIN.replace(/<ram:ID>F-2026[^<]*<\/ram:ID>/, ''), 'field_missing'],
    ['no instant at all', PLAIN.replaceAll(/<ram:IssueDateTime>.*?<\/ram:IssueDateTime>/g, ''), 'field_missing'],
    ['an amount in words', PLAIN.replace('>240.50<', '>deux cents<'), 'amount_unreadable'],
    ['an amount that may be two', PLAIN.replace('>240.50<', '>1,234<'), 'amount_unreadable'],
  ];
  it.each(REFUSED)('%s', async (_name, file, rule) => {
    expect(await refusal(file)).toBe(rule);
  });
  it('half of every message, wherever it is cut, is refused and nothing else', async () => {
    for (let at = 1; at < PLAIN.length; at += 97)
      expect([at, await refusal(PLAIN.slice(0, at))]).toEqual([
        at,
        expect.stringMatching(/^(?:xml_broken|file_kind)$/),
      ]);
  });
  it('a message of 2,000 documents is read in little time', async () => {
    const more = Array.from({ length: 1_999 }, (_, n) => ({ code: '203', invoice: `F-${n}` }));
    const begun = performance.now();
    expect(await statementsOf(statusXml({ code: '203', invoice: 'F-x', more }))).toHaveLength(2_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(
      await refusal(
        statusXml({ code: '203', more: [...more, { code: '203', invoice: 'G' }, { code: '203', invoice: 'H' }] }),
      ),
    ).toBe('too_many_documents');
  });
});
