import type { EinvoiceDocument } from '#lib/domain/einvoice/document.ts';
import type { EinvoiceParty } from '#lib/domain/einvoice/match-invoice.ts';
import { all, at, textAt, type XmlElement } from './read-xml.ts';
import { addressOf, cents, countryOf, currency, day, identifiersOf, line, required } from './values.ts';

export const UBL_URI = /^urn:oasis:names:specification:ubl:schema:xsd:(Invoice|CreditNote)-2$/;

function partyOf(holder: XmlElement | null): EinvoiceParty {
  const party = at(holder, 'Party');
  const address = at(party, 'PostalAddress');
  const legal = at(party, 'PartyLegalEntity');
  const company = at(legal, 'CompanyID');
  const endpoint = at(party, 'EndpointID');
  const taxes = all(party, 'PartyTaxScheme').filter((one) => (textAt(one, 'TaxScheme', 'ID') ?? 'VAT') === 'VAT');
  const ids = [
    ...(company === null ? [] : [{ scheme: company.attributes.schemeID ?? '0002', value: company.text }]),
    ...taxes.map((one) => ({ scheme: 'VAT', value: textAt(one, 'CompanyID') })),
    ...all(party, 'PartyIdentification').flatMap((one) =>
      all(one, 'ID').map(({ attributes, text }) => ({ scheme: attributes.schemeID ?? null, value: text })),
    ),
    ...(endpoint === null ? [] : [{ scheme: endpoint.attributes.schemeID ?? '', value: endpoint.text }]),
  ];
  return {
    name: line(textAt(legal, 'RegistrationName') ?? textAt(party, 'PartyName', 'Name')),
    ...identifiersOf(ids),
    address: addressOf(address, ['StreetName', 'AdditionalStreetName', 'PostalZone', 'CityName']),
    country: countryOf(address, 'Country', 'IdentificationCode'),
  };
}

/** Reads a UBL 2.1 invoice or credit note. @throws AppError einvoice_unreadable */
export function readUbl(root: XmlElement): EinvoiceDocument {
  const credit = root.name === 'CreditNote';
  const sums = at(root, 'LegalMonetaryTotal');
  const prepaidCents = cents(textAt(sums, 'PrepaidAmount'), 'PrepaidAmount') ?? 0;
  const payable = cents(textAt(sums, 'PayableAmount'), 'PayableAmount');
  const total = cents(textAt(sums, 'TaxInclusiveAmount'), 'TaxInclusiveAmount');
  const totalCents = required(total ?? (payable === null ? null : payable + prepaidCents), 'TaxInclusiveAmount');
  const dueDays = [textAt(root, 'DueDate'), ...all(root, 'PaymentMeans').map((one) => textAt(one, 'PaymentDueDate'))]
    .map((text) => day(text, 'DueDate'))
    .filter((one) => one !== null);
  return {
    syntax: 'ubl',
    number: required(line(textAt(root, 'ID'), 100), 'ID'),
    typeCode: line(textAt(root, credit ? 'CreditNoteTypeCode' : 'InvoiceTypeCode'), 10) ?? (credit ? '381' : '380'),
    issueDay: required(day(textAt(root, 'IssueDate'), 'IssueDate'), 'IssueDate'),
    dueDay: dueDays[0] ?? null,
    currency: required(currency(textAt(root, 'DocumentCurrencyCode'), 'DocumentCurrencyCode'), 'DocumentCurrencyCode'),
    totalCents,
    prepaidCents,
    payableCents: payable ?? totalCents - prepaidCents,
    seller: partyOf(at(root, 'AccountingSupplierParty')),
    buyer: partyOf(at(root, 'AccountingCustomerParty')),
    orderNumber: line(textAt(root, 'OrderReference', 'ID'), 100),
    deliveryNote: line(textAt(root, 'DespatchDocumentReference', 'ID'), 100),
    terms: line(
      all(root, 'PaymentTerms')
        .flatMap((one) => all(one, 'Note').map(({ text }) => text))
        .join(' '),
      500,
    ),
    preceding: all(root, 'BillingReference')
      .map((one) => line(textAt(one, 'InvoiceDocumentReference', 'ID'), 100))
      .filter((one) => one !== null)
      .slice(0, 50),
  };
}
