import { isDeepStrictEqual } from 'node:util';
import type { Characteristic, Statement, StatusMessage } from '#lib/domain/einvoice/statement.ts';
import { isCurrency } from '#lib/domain/money/money.ts';
import { refuseFile } from './refused.ts';
import { all, at, textAt, type XmlElement } from './read-xml.ts';
import { cents, day, instant, line, required } from './values.ts';

export const CDAR_URI = /^urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:\d+$/;

/** Documents that one message may speak of. */
const MAX_DOCUMENTS = 2_000;

interface Party {
  id: string | null;
  name: string | null;
  role: string | null;
}

/** A SIREN or SIRET before any other identifier; an address of the network (0225) begins with a SIREN. */
function partyOf(element: XmlElement | null): Party {
  const organization = at(element, 'SpecifiedLegalOrganization');
  const ids = [...all(element, 'GlobalID'), ...all(organization, 'ID'), ...all(element, 'ID')].filter(
    ({ text }) => text !== '',
  );
  const french =
    ids.find(({ attributes }) => attributes.schemeID === '0002') ??
    ids.find(({ attributes }) => attributes.schemeID === '0009');
  const first = ids.find(({ attributes }) => attributes.schemeID !== '0225') ?? null;
  const uri = textAt(element, 'URIUniversalCommunication', 'URIID');
  const address = ids.find(({ attributes }) => attributes.schemeID === '0225')?.text ?? uri ?? '';
  return {
    id: line((french ?? first)?.text ?? /^\d{9}(?!\d)/.exec(address)?.[0] ?? null, 60),
    name: line(textAt(element, 'Name') ?? textAt(organization, 'TradingBusinessName')),
    role: textAt(element, 'RoleCode'),
  };
}

/** What was given and what was expected: for people to read, nothing is reckoned with it. */
const SHOWN_ONLY = new Set(['DIV', 'DVA']);

function characteristicOf(element: XmlElement): Characteristic {
  const type = line(textAt(element, 'TypeCode'), 20)?.toUpperCase() ?? '';
  const amount = at(element, 'ValueAmount');
  const written = amount === null || amount.text === '' ? null : amount.text;
  const code = amount?.attributes.currencyID?.trim().toUpperCase() ?? '';
  // An amount of an unknown money is not one of the invoice's.
  const money = code === '' || isCurrency(code);
  const shown = SHOWN_ONLY.has(type) || !money;
  return {
    id: line(textAt(element, 'ID'), 40),
    type,
    name: line(textAt(element, 'Name')),
    cents: shown ? null : cents(written, 'ValueAmount'),
    currency: code !== '' && money ? code : null,
    percent: line(textAt(element, 'ValuePercent'), 20),
    text: line(
      textAt(element, 'Value') ??
        textAt(element, 'ValueText') ??
        textAt(element, 'ValueCode') ??
        textAt(element, 'ValueID') ??
        (shown && written !== null ? `${written} ${code}` : null) ??
        (shown ? (timeAt(element, 'ValueDateTime')?.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3') ?? null) : null),
    ),
    day: shown ? null : day(timeAt(element, 'ValueDateTime'), 'ValueDateTime'),
  };
}

/** What an element of time says: in words of digits, as a date and time of XML, or in itself. */
function timeAt(element: XmlElement | null, name: string): string | null {
  const found = at(element, name);
  return textAt(found, 'DateTimeString') ?? textAt(found, 'DateTime') ?? textAt(found, 'DateString') ?? textAt(found);
}

const LIFE_CYCLE = /^(?:FR:)?(2\d\d)$/;

/**
 * The status of the life cycle: where the norm has it, else beside the reasons, else where others write it. The codes of UNTDID
 * that stand beside it (43, 46…) are not taken for one.
 */
function codeOf(acknowledgement: XmlElement, reference: XmlElement, statuses: readonly XmlElement[]): string | null {
  const own = line(textAt(reference, 'ProcessConditionCode'), 20)?.toUpperCase() ?? null;
  const others = [
    ...statuses.flatMap((one) => [textAt(one, 'ProcessConditionCode'), textAt(one, 'ConditionCode')]),
    textAt(reference, 'StatusCode'),
    textAt(acknowledgement, 'ProcessConditionCode'),
    textAt(acknowledgement, 'StatusCode'),
  ];
  const known = (text: string | null): string | null => LIFE_CYCLE.exec(text?.trim().toUpperCase() ?? '')?.[1] ?? null;
  return known(own) ?? own ?? others.map(known).find((code) => code !== null) ?? null;
}

/** One document may be spoken of twice under one status: what is said is put together, and dated by the last. */
function together(statements: readonly Statement[]): Statement[] {
  const found = new Map<string, Statement>();
  for (const one of statements) {
    const key = JSON.stringify([one.code, one.invoiceNumber, one.invoiceDay, one.documentType, one.sellerId]);
    const before = found.get(key);
    const same = before === undefined || isDeepStrictEqual(before, one);
    found.set(key, before === undefined || same ? one : joined(before, one));
  }
  return [...found.values()];
}

const joined = (a: Statement, b: Statement): Statement => ({
  ...a,
  statedAt: a.statedAt > b.statedAt ? a.statedAt : b.statedAt,
  reasons: distinct([...a.reasons, ...b.reasons]),
  actions: distinct([...a.actions, ...b.actions]),
  words: distinct([...a.words, ...b.words]),
  characteristics: [...a.characteristics, ...b.characteristics],
});

const distinct = (texts: (string | null)[]): string[] => [...new Set(texts.filter((text) => text !== null))];

/**
 * Reads a life-cycle message (CDAR: the acknowledgement of XP Z12-012). One message may speak of several documents, a document
 * carry several reasons. What it says in words is kept as words.
 *
 * @param timeZone of the workspace: instants are written in local time
 * @throws AppError einvoice_unreadable
 */
export function readCdar(root: XmlElement, timeZone: string): StatusMessage {
  const document = at(root, 'ExchangedDocument');
  const parties = document?.children.filter(({ name }) => name.endsWith('TradeParty')).map(partyOf) ?? [];
  const buyer = parties.find(({ role }) => role === 'BY') ?? null;
  const issuer = partyOf(at(document, 'IssuerTradeParty'));
  const statements: Statement[] = [];
  for (const acknowledgement of all(root, 'AcknowledgementDocument')) {
    const stated = timeAt(acknowledgement, 'IssueDateTime') ?? timeAt(document, 'IssueDateTime');
    const statedAt = required(instant(stated, timeZone, 'IssueDateTime'), 'IssueDateTime');
    for (const reference of all(acknowledgement, 'ReferenceReferencedDocument')) {
      if (statements.length >= MAX_DOCUMENTS) refuseFile('too_many_documents');
      statements.push(statementOf(acknowledgement, reference, statedAt, buyer));
    }
  }
  if (statements.length === 0) refuseFile('field_missing', 'ReferenceReferencedDocument');
  return {
    messageId: required(line(textAt(document, 'ID'), 200), 'ExchangedDocument/ID'),
    issuer: issuer.id ?? issuer.name ?? '',
    statements: together(statements),
  };
}

function statementOf(
  acknowledgement: XmlElement,
  reference: XmlElement,
  statedAt: string,
  ofMessage: Party | null,
): Statement {
  const statuses = all(reference, 'SpecifiedDocumentStatus');
  const inSequence = [...statuses].sort((a, b) => sequenceOf(a) - sequenceOf(b));
  const said = [...inSequence, reference];
  const recipients = all(reference, 'RecipientTradeParty').map(partyOf);
  const buyer = ofMessage ?? recipients.find(({ role }) => role === 'BY' || role === null) ?? null;
  return {
    code: required(codeOf(acknowledgement, reference, inSequence), 'ProcessConditionCode'),
    invoiceNumber: required(
      line(textAt(reference, 'IssuerAssignedID') ?? textAt(reference, 'ID'), 100),
      'IssuerAssignedID',
    ),
    invoiceDay: day(
      timeAt(reference, 'FormattedIssueDateTime') ?? timeAt(reference, 'IssueDateTime'),
      'FormattedIssueDateTime',
    ),
    documentType: line(textAt(reference, 'TypeCode'), 10),
    statedAt,
    reasons: distinct(inSequence.flatMap((one) => all(one, 'ReasonCode').map(({ text }) => codeText(text, 40)))),
    actions: distinct(
      inSequence.flatMap((one) => all(one, 'RequestedActionCode').map(({ text }) => codeText(text, 20))),
    ),
    words: distinct([
      ...inSequence.flatMap((one) => all(one, 'Reason').map(({ text }) => line(text, 1_000))),
      ...said.flatMap((one) =>
        all(one, 'IncludedNote').flatMap((note) => all(note, 'Content').map(({ text }) => line(text, 1_000))),
      ),
    ]),
    characteristics: said.flatMap((one) => all(one, 'SpecifiedDocumentCharacteristic').map(characteristicOf)),
    buyerId: buyer?.id ?? null,
    buyerName: buyer?.name ?? null,
    sellerId: partyOf(at(reference, 'IssuerTradeParty')).id,
  };
}

const codeText = (text: string, max: number): string | null => line(text, max)?.toUpperCase() ?? null;

const sequenceOf = (status: XmlElement): number => Number(textAt(status, 'SequenceNumeric') ?? 0) || 0;
