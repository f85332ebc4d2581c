import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBytes, detectDelimiter, detectEncoding, splitRows, utf8Checker } from './detect-text.ts';
import { detectDecimal, detectMapping } from './detect-mapping.ts';
import type { Delimiter } from './import.ts';
import { fieldsOfColumns, uniqueColumns } from './known-columns.ts';
import { detectDateOrder, readDay } from './read-day.ts';

const utf16 = (text: string, big: boolean): Uint8Array => {
  const bytes = Buffer.from(text, 'utf16le');
  return big ? bytes.swap16() : bytes;
};

describe('encoding', () => {
  const text = 'N° client;Société\r\nC1;Crédit agricole\r\n';
  test.each([
    ['utf-8', Buffer.from(text)],
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['utf-8', Buffer.from('plain;ascii')],
    ['windows-1252', Buffer.from(text, 'latin1')],
    ['utf-16le', utf16(text, false)],
    ['utf-16be', utf16(text, true)],
    ['utf-16le', utf16(`\ufeff${text}`, false)],
    ['utf-16be', utf16(`\ufeff${text}`, true)],
  ] as const)('[IMP-1] %s is told and read', (encoding, bytes) => {
    expect(detectEncoding(bytes)).toBe(encoding);
    expect(decodeBytes(bytes, encoding).replace(/^plain;ascii$/, text)).toBe(text);
  });

  test('[IMP-1] a character cut at the end of a sample does not count against UTF-8', () => {
    const bytes = Buffer.from('Société');
    expect(detectEncoding(bytes.subarray(0, bytes.length - 1))).toBe('utf-8');
  });

  test('[IMP-1] a file is checked as it passes, characters cut between chunks included', () => {
    const bytes = Buffer.from('abc é€😀');
    const check = utf8Checker();
    for (const byte of bytes) expect(check(new Uint8Array([byte]))).toBe(true);
    expect(check(new Uint8Array([0xe9, 0x3b]))).toBe(false);
    expect(check(Buffer.from('abc'))).toBe(false);
  });

  test('[IMP-1] the euro sign of Windows-1252', () => {
    expect(decodeBytes(new Uint8Array([0x80]), detectEncoding(new Uint8Array([0x80])))).toBe('€');
  });
});

describe('delimiter', () => {
  test.each([
    ['a;b;c\n1,5;2;3\n2,5;"x;y";4\n', ';'],
    ['a,b\n1,2\n3,4\n', ','],
    ['a\tb\n1\t2,5\n', '\t'],
    ['a|b|c\n1|2,5|3\n', '|'],
    ['Montant, TTC;Nom\n1,50;Dupont, fils\n', ';'],
    ['only\none\n', null],
    ['', null],
  ] as const)('[IMP-2] %j is delimited by %j', (text, delimiter) => {
    expect(detectDelimiter(text)).toBe(delimiter);
  });

  test('[IMP-2] what is written with quotes is cut back into the same cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ';', ',', '"', '\n', 'é', ' '), minLength: 1, maxLength: 6 });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.constantFrom<Delimiter[]>(';', ',', '\t', '|'), (table, delimiter) => {
        const text = table.map((row) => row.map((one) => `"${one.replace(/"/g, '""')}"`).join(delimiter)).join('\r\n');
        expect(splitRows(text, delimiter)).toEqual(table);
      }),
    );
  });
});

describe('columns', () => {
  test.each([
    ['customerID', 'accountNumber'],
    ['N° client', 'accountNumber'],
    ['Code client', 'accountNumber'],
    ['cust_number', 'accountNumber'],
    ['Client', 'accountNumber'],
    ['Raison sociale', 'accountName'],
    ['name_customer', 'accountName'],
    ['N° SIRET', 'siret'],
    ['N° TVA intracommunautaire', 'vatNumber'],
    ['E-mail', 'contactEmail'],
    ['Chargé de recouvrement', 'collector'],
    ['Commercial', 'salesRep'],
    ['Société', 'entity'],
    ['invoiceNumber', 'itemNumber'],
    ['N° de facture', 'itemNumber'],
    ['Nº pièce', 'itemNumber'],
    ['Type de pièce', 'kind'],
    ['InvoiceDate', 'issueDay'],
    ['Date de facture', 'issueDay'],
    ["Date d'échéance", 'dueDay'],
    ['Date d’échéance', 'dueDay'],
    ['Echéance', 'dueDay'],
    ['due_in_date', 'dueDay'],
    ['Conditions de règlement', 'terms'],
    ['Montant TTC', 'amount'],
    ['Montant TTC (EUR)', 'amount'],
    ['InvoiceAmount', 'amount'],
    ['Solde', 'openAmount'],
    ['Reste à payer', 'openAmount'],
    ['total_open_amount', 'openAmount'],
    ['Débit', 'debit'],
    ['Devise', 'currency'],
    ['SettledDate', 'settledOn'],
    ['Date de règlement', 'settledOn'],
    ['Litige', 'disputed'],
    ['N° commande', 'orderNumber'],
    ['BL', 'deliveryNote'],
    ['Mode de règlement', 'paymentMethod'],
    ['Cédé au factor', 'factored'],
    ['countryCode', 'country'],
    ['PaperlessBill', null],
    ['TVA', null],
  ])('[IMP-3] %s is %s', (column, field) => {
    expect(fieldsOfColumns([column])).toEqual({ [column]: field });
  });

  test('[IMP-3] each field is given once, the better name wins, Client becomes the name', () => {
    expect(fieldsOfColumns(['Client', 'Code client', 'Date', 'Date facture'])).toEqual({
      Client: 'accountName',
      'Code client': 'accountNumber',
      Date: null,
      'Date facture': 'issueDay',
    });
  });

  test('[IMP-3] a running balance beside debit and credit is not the open amount', () => {
    expect(fieldsOfColumns(['Débit', 'Crédit', 'Solde'])).toEqual({ Débit: 'debit', Crédit: 'credit', Solde: null });
  });

  test('[IMP-3] names become unique', () => {
    expect(uniqueColumns(['\ufeffRef', 'Ref', ' Ref ', '', '$set', '__proto__'])).toEqual([
      'Ref',
      'Ref (2)',
      'Ref (3)',
      'column 4',
      'set',
      'column 6',
    ]);
    expect(fieldsOfColumns(uniqueColumns(['N. client', 'Réf. client']))).toEqual({
      'N\u2024 client': 'accountNumber',
      'Réf\u2024 client': null,
    });
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3, unit: 'binary' })), (names) => {
        const unique = uniqueColumns(names);
        expect(new Set(unique).size).toBe(names.length);
        expect(unique.every((name) => name !== '' && !/^\$|\./.test(name) && name.isWellFormed())).toBe(true);
      }),
    );
  });
});

describe('dates', () => {
  test.each([
    ['26/01/2013', 'dmy', '2013-01-26'],
    ['1/26/2013', 'mdy', '2013-01-26'],
    ['3/4/2013', 'dmy', '2013-04-03'],
    ['3/4/2013', 'mdy', '2013-03-04'],
    ['26-01-2013', 'dmy', '2013-01-26'],
    ['26.01.13', 'dmy', '2013-01-26'],
    ['26.01.99', 'dmy', '1999-01-26'],
    ['2013-01-26', 'dmy', '2013-01-26'],
    ['2013/1/6', 'mdy', '2013-01-06'],
    ['2013.01.26', 'ymd', '2013-01-26'],
    ['13-01-26', 'ymd', '2013-01-26'],
    ['20130126', 'dmy', '2013-01-26'],
    ['20200210.0', 'dmy', '2020-02-10'],
    ['2013-01-26 00:00:00', 'dmy', '2013-01-26'],
    ['2013-01-26T00:00:00.000Z', 'dmy', '2013-01-26'],
    ['26/01/2013 14:05', 'dmy', '2013-01-26'],
    [' 26/01/2013 ', 'dmy', '2013-01-26'],
    ['', 'dmy', null],
    ['00/00/0000', 'dmy', null],
    ['0', 'dmy', null],
    ['-', 'dmy', null],
  ] as const)('[IMP-5] %s as %s is %s', (text, order, day) => {
    expect(readDay(text, order)).toEqual({ ok: true, day });
  });

  test.each([
    ['30/02/2026', 'dmy', 'date_impossible'],
    ['29/02/2026', 'dmy', 'date_impossible'],
    ['26/01/2013', 'mdy', 'date_impossible'],
    ['20130231', 'dmy', 'date_impossible'],
    ['01/01/0213', 'dmy', 'date_impossible'],
    ['31/12/9999', 'dmy', 'date_impossible'],
    ['26/01-2013', 'dmy', 'date_unreadable'],
    ['26 janvier 2013', 'dmy', 'date_unreadable'],
    ['41300', 'dmy', 'date_unreadable'],
    ['hier', 'dmy', 'date_unreadable'],
  ] as const)('[IMP-5] %s as %s is refused: %s', (text, order, code) => {
    expect(readDay(text, order)).toEqual({ ok: false, code });
  });

  test.each<[string, string[][], string, boolean]>([
    ['a day above twelve in front', [['05/06/2026'], ['25/06/2026']], 'dmy', false],
    ['a day above twelve behind', [['5/6/2026'], ['6/25/2026']], 'mdy', false],
    ['years in front', [['2026-06-05'], ['20260607']], 'ymd', false],
    ['nothing that decides', [['05/06/2026'], ['07/08/2026']], 'dmy', true],
    [
      'due before issue under d/m/y',
      [
        ['1/5/2026', '3/2/2026'],
        ['2/5/2026', '4/3/2026'],
      ],
      'mdy',
      true,
    ],
    ['contradictions: the majority', [['25/06/2026'], ['26/06/2026'], ['6/25/2026']], 'dmy', true],
    [
      'the deciding row comes last',
      [...Array.from({ length: 60 }, () => ['01/02/2026']), ['02/13/2026']],
      'mdy',
      false,
    ],
    ['years in front beside days in front', [['2026-01-05', '25/01/2026']], 'dmy', false],
  ])('[IMP-4] %s', (_, rows, order, ambiguous) => {
    expect(detectDateOrder(rows)).toEqual({ order, ambiguous });
  });
});

describe('decimal mark', () => {
  test.each<[string[], Delimiter, '.' | ',', boolean]>([
    [['55.94', '1234'], ',', '.', false],
    [['55,94', '1 234,00'], ';', ',', false],
    [['1.234,56'], ';', ',', false],
    [['1,234.56'], ';', '.', false],
    [['1.234.567'], ';', ',', false],
    [['1.234'], ';', ',', true],
    [['1,234'], ',', '.', true],
    [['12', '13'], ';', ',', false],
    [['0.125'], ';', '.', false],
    [['12.5', '13,5', '14.5'], ';', '.', true],
  ])('[IMP-4] %j with %j: %s, in doubt: %s', (values, delimiter, mark, ambiguous) => {
    expect(detectDecimal(values, delimiter)).toEqual({ mark, ambiguous });
  });
});

describe('mapping', () => {
  test('[IMP-3] of a French export', () => {
    const { mapping, ambiguous } = detectMapping({
      header: ['N° client', 'Raison sociale', 'N° pièce', 'Type', 'Date', 'Échéance', 'Montant TTC', 'Solde', 'Région'],
      rows: [['C1', 'Dupont', 'F1', 'FA', '25/06/2026', '25/07/2026', '1 200,00', '200,00', 'Ouest']],
      delimiter: ';',
      encoding: 'windows-1252',
      defaultCurrency: 'EUR',
    });
    expect(ambiguous).toEqual([]);
    expect(mapping).toMatchObject({ decimal: ',', dateOrder: 'dmy' });
    expect(Object.values(mapping.columns)).toEqual([
      'accountNumber',
      'accountName',
      'itemNumber',
      'kind',
      'issueDay',
      'dueDay',
      'amount',
      'openAmount',
      null,
    ]);
  });

  test('[IMP-3] a number column with gaps gives way to one without; unknown kinds are left alone', () => {
    const { mapping } = detectMapping({
      header: ['cust_number', 'invoice_id', 'doc_id', 'type'],
      rows: [
        ['1', '', '77', 'Z9'],
        ['2', '5', '78', 'Z8'],
      ],
      delimiter: ',',
      encoding: 'utf-8',
      defaultCurrency: 'USD',
    });
    expect(mapping.columns).toMatchObject({ doc_id: 'itemNumber', invoice_id: null, type: null });
  });
});
