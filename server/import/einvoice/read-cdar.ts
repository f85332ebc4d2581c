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

/** A SIREN or SIRET before any other identifier. */
function partyOf(element: XmlElement | null): Party {
  const ids = [...all(element, 'GlobalID'), ...all(element, 'ID')].filter(({ text }) => text !== '');
  const french =
    ids.find(({ attributes }) => attributes.schemeID === '0002') ??
    ids.find(({ attributes }) => attributes.schemeID === '0009');
  return {
    id: line((french ?? ids[0])?.text ?? null, 60),
    name: line(textAt(element, 'Name')),
    role: textAt(element, 'RoleCode'),
  };
}

function characteristicOf(element: XmlElement): Characteristic {
  const amount = at(element, 'ValueAmount');
  const code = amount?.attributes.currencyID ?? '';
  return {
    id: line(textAt(element, 'ID'), 40),
    type: textAt(element, 'TypeCode') ?? '',
    name: line(textAt(element, 'Name')),
    cents: cents(amount === null || amount.text === '' ? null : amount.text, 'ValueAmount'),
    currency: isCurrency(code) ? code : null,
    percent: line(textAt(element, 'ValuePercent'), 20),
    text: line(
      textAt(element, 'Value') ??
        textAt(element, 'ValueText') ??
        textAt(element, 'ValueCode') ??
        textAt(element, 'ValueID'),
    ),
    day: day(textAt(element, 'ValueDateTime', 'DateTimeString'), 'ValueDateTime'),
  };
}

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
    const stated =
      textAt(acknowledgement, 'IssueDateTime', 'DateTimeString') ?? textAt(document, 'IssueDateTime', 'DateTimeString');
    const statedAt = required(instant(stated, timeZone, 'IssueDateTime'), 'IssueDateTime');
    for (const reference of all(acknowledgement, 'ReferenceReferencedDocument')) {
      if (statements.length >= MAX_DOCUMENTS) refuseFile('too_many_documents');
      statements.push(statementOf(reference, statedAt, buyer));
    }
  }
  if (statements.length === 0) refuseFile('field_missing', 'ReferenceReferencedDocument');
  return {
    messageId: required(line(textAt(document, 'ID'), 200), 'ExchangedDocument/ID'),
    issuer: issuer.id ?? issuer.name ?? '',
    statements,
  };
}

function statementOf(reference: XmlElement, statedAt: string, buyer: Party | null): Statement {
  const statuses = all(reference, 'SpecifiedDocumentStatus');
  const inSequence = [...statuses].sort((a, b) => sequenceOf(a) - sequenceOf(b));
  return {
    code: required(line(textAt(reference, 'ProcessConditionCode'), 20), 'ProcessConditionCode'),
    invoiceNumber: required(line(textAt(reference, 'IssuerAssignedID'), 100), 'IssuerAssignedID'),
    invoiceDay: day(textAt(reference, 'FormattedIssueDateTime', 'DateTimeString'), 'FormattedIssueDateTime'),
    documentType: line(textAt(reference, 'TypeCode'), 10),
    statedAt,
    reasons: distinct(inSequence.map((one) => line(textAt(one, 'ReasonCode'), 40))),
    actions: distinct(inSequence.map((one) => line(textAt(one, 'RequestedActionCode'), 20))),
    words: distinct(
      inSequence.flatMap((one) => [
        ...all(one, 'Reason').map(({ text }) => line(text, 1_000)),
        ...all(one, 'IncludedNote').map((note) => line(textAt(note, 'Content'), 1_000)),
      ]),
    ),
    characteristics: inSequence.flatMap((one) => all(one, 'SpecifiedDocumentCharacteristic').map(characteristicOf)),
    buyerId: buyer?.id ?? null,
    buyerName: buyer?.name ?? null,
    sellerId: partyOf(at(reference, 'IssuerTradeParty')).id,
  };
}

const sequenceOf = (status: XmlElement): number => Number(textAt(status, 'SequenceNumeric') ?? 0) || 0;
