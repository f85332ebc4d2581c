import type { EinvoiceDocument } from '#lib/domain/einvoice/document.ts';
import type { EinvoiceParty } from '#lib/domain/einvoice/match-invoice.ts';
import { all, at, textAt, type XmlElement } from './read-xml.ts';
import { addressOf, cents, countryOf, currency, day, identifiersOf, line, required } from './values.ts';

export const CII_URI = /^urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:\d+$/;

function partyOf(party: XmlElement | null): EinvoiceParty {
  const legal = at(party, 'SpecifiedLegalOrganization', 'ID');
  const address = at(party, 'PostalTradeAddress');
  const ids = [
    ...all(party, 'GlobalID').map(({ attributes, text }) => ({ scheme: attributes.schemeID ?? '', value: text })),
    ...(legal === null ? [] : [{ scheme: legal.attributes.schemeID ?? '0002', value: legal.text }]),
    ...all(party, 'SpecifiedTaxRegistration').flatMap((tax) =>
      all(tax, 'ID').map(({ attributes, text }) => ({ scheme: attributes.schemeID ?? '', value: text })),
    ),
    ...all(party, 'ID').map(({ attributes, text }) => ({ scheme: attributes.schemeID ?? null, value: text })),
  ];
  return {
    name: line(textAt(party, 'Name') ?? textAt(party, 'SpecifiedLegalOrganization', 'TradingBusinessName')),
    ...identifiersOf(ids),
    address: addressOf(address, ['LineOne', 'LineTwo', 'LineThree', 'PostcodeCode', 'CityName']),
    country: countryOf(address, 'CountryID'),
  };
}

/** An amount in the invoice's own currency, where it is said in others too. */
function amountIn(sums: XmlElement | null, name: string, money: string | null): string | null {
  const amounts = all(sums, name).filter(({ text }) => text !== '');
  return (amounts.find(({ attributes }) => attributes.currencyID === money) ?? amounts[0])?.text ?? null;
}

/** Reads a UN/CEFACT invoice (CII, the XML of Factur-X and ZUGFeRD). @throws AppError einvoice_unreadable */
export function readCii(root: XmlElement): EinvoiceDocument {
  const header = at(root, 'ExchangedDocument');
  const trade = at(root, 'SupplyChainTradeTransaction');
  const agreement = at(trade, 'ApplicableHeaderTradeAgreement');
  const delivery = at(trade, 'ApplicableHeaderTradeDelivery');
  const settlement = at(trade, 'ApplicableHeaderTradeSettlement');
  const sums = at(settlement, 'SpecifiedTradeSettlementHeaderMonetarySummation');
  const terms = all(settlement, 'SpecifiedTradePaymentTerms');
  const dueDays = terms
    .map((one) => day(textAt(one, 'DueDateDateTime', 'DateTimeString'), 'DueDateDateTime'))
    .filter((one) => one !== null)
    .sort();
  const money = line(textAt(settlement, 'InvoiceCurrencyCode'), 10);
  const prepaidCents = cents(amountIn(sums, 'TotalPrepaidAmount', money), 'TotalPrepaidAmount') ?? 0;
  const payable = cents(amountIn(sums, 'DuePayableAmount', money), 'DuePayableAmount');
  const total = cents(amountIn(sums, 'GrandTotalAmount', money), 'GrandTotalAmount');
  const totalCents = required(total ?? (payable === null ? null : payable + prepaidCents), 'GrandTotalAmount');
  return {
    syntax: 'cii',
    number: required(line(textAt(header, 'ID'), 100), 'ExchangedDocument/ID'),
    typeCode: line(textAt(header, 'TypeCode'), 10) ?? '380',
    issueDay: required(day(textAt(header, 'IssueDateTime', 'DateTimeString'), 'IssueDateTime'), 'IssueDateTime'),
    // Paid by instalments, the last day is when all of it is due.
    dueDay: dueDays.at(-1) ?? null,
    currency: required(
      currency(textAt(settlement, 'InvoiceCurrencyCode'), 'InvoiceCurrencyCode'),
      'InvoiceCurrencyCode',
    ),
    totalCents,
    prepaidCents,
    payableCents: payable ?? totalCents - prepaidCents,
    seller: partyOf(at(agreement, 'SellerTradeParty')),
    buyer: partyOf(at(agreement, 'BuyerTradeParty')),
    orderNumber: line(textAt(agreement, 'BuyerOrderReferencedDocument', 'IssuerAssignedID'), 100),
    deliveryNote: line(
      textAt(delivery, 'DespatchAdviceReferencedDocument', 'IssuerAssignedID') ??
        textAt(delivery, 'DeliveryNoteReferencedDocument', 'IssuerAssignedID'),
      100,
    ),
    terms: line(terms.flatMap((one) => all(one, 'Description').map(({ text }) => text)).join(' '), 500),
    preceding: all(settlement, 'InvoiceReferencedDocument')
      .map((one) => line(textAt(one, 'IssuerAssignedID'), 100))
      .filter((one) => one !== null)
      .slice(0, 50),
  };
}
