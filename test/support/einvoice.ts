import { deflateSync } from 'node:zlib';
/** Files of electronic invoices and their statuses, made up for tests. */

const CDAR = 'urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100';
const CII = 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100';
const RAM = 'urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100';
const UDT = 'urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100';
const QDT = 'urn:un:unece:uncefact:data:standard:QualifiedDataType:100';

export interface StatusSpec {
  code: string;
  invoice?: string;
  /** `20260702`. */
  day?: string;
  type?: string;
  /** `20260910101500`, local time. */
  stated?: string;
  id?: string;
  reasons?: { code: string; label?: string; action?: string; note?: string }[];
  amounts?: { type: string; value: string; currency?: string; day?: string }[];
  buyer?: { siren?: string; name?: string };
  /** More documents of the same message. */
  more?: { code: string; invoice: string }[];
}

const esc = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function reference(spec: StatusSpec & { invoice: string }): string {
  const amounts = (spec.amounts ?? []).map(
    ({ type, value, currency = 'EUR', day }) =>
      `<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>${type}</ram:TypeCode><ram:ValueAmount currencyID="${currency}">${value}</ram:ValueAmount>${
        day === undefined
          ? ''
          : `<ram:ValueDateTime><udt:DateTimeString format="102">${day}</udt:DateTimeString></ram:ValueDateTime>`
      }</ram:SpecifiedDocumentCharacteristic>`,
  );
  const reasons = (spec.reasons ?? []).map(
    ({ code, label, action, note }, index) =>
      `<ram:SpecifiedDocumentStatus><ram:ReasonCode>${code}</ram:ReasonCode>${label === undefined ? '' : `<ram:Reason>${esc(label)}</ram:Reason>`}${
        action === undefined ? '' : `<ram:RequestedActionCode>${action}</ram:RequestedActionCode>`
      }<ram:SequenceNumeric>${index + 1}</ram:SequenceNumeric>${
        note === undefined ? '' : `<ram:IncludedNote><ram:Content>${esc(note)}</ram:Content></ram:IncludedNote>`
      }${index === 0 ? amounts.join('') : ''}</ram:SpecifiedDocumentStatus>`,
  );
  if (reasons.length === 0 && amounts.length > 0)
    reasons.push(`<ram:SpecifiedDocumentStatus>${amounts.join('')}</ram:SpecifiedDocumentStatus>`);
  return `<ram:ReferenceReferencedDocument>
      <ram:IssuerAssignedID>${esc(spec.invoice)}</ram:IssuerAssignedID><ram:TypeCode>${spec.type ?? '380'}</ram:TypeCode>
      <ram:FormattedIssueDateTime><qdt:DateTimeString format="102">${spec.day ?? '20260702'}</qdt:DateTimeString></ram:FormattedIssueDateTime>
      <ram:ProcessConditionCode>${spec.code}</ram:ProcessConditionCode>
      <ram:IssuerTradeParty><ram:GlobalID schemeID="0002">732829320</ram:GlobalID></ram:IssuerTradeParty>
      ${reasons.join('')}
    </ram:ReferenceReferencedDocument>`;
}

/** A life-cycle message; invented parties. */
export function statusXml(spec: StatusSpec): string {
  const { code, invoice = 'F-2026-001', stated = '20260910101500', buyer = {} } = spec;
  const all = [
    { ...spec, invoice },
    ...(spec.more ?? []).map((one) => ({ ...one, day: spec.day }) as StatusSpec & { invoice: string }),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossDomainAcknowledgementAndResponse xmlns:rsm="${CDAR}" xmlns:ram="${RAM}" xmlns:udt="${UDT}" xmlns:qdt="${QDT}">
  <rsm:ExchangedDocument>
    <ram:ID>${spec.id ?? `${invoice}-${code}-${stated}`}</ram:ID>
    <ram:IssueDateTime><udt:DateTimeString format="204">${stated}</udt:DateTimeString></ram:IssueDateTime>
    <ram:SenderTradeParty><ram:RoleCode>WK</ram:RoleCode></ram:SenderTradeParty>
    <ram:IssuerTradeParty><ram:GlobalID schemeID="0002">${buyer.siren ?? '552100554'}</ram:GlobalID><ram:Name>${esc(buyer.name ?? 'Épicerie du Lac')}</ram:Name><ram:RoleCode>BY</ram:RoleCode></ram:IssuerTradeParty>
  </rsm:ExchangedDocument>
  <rsm:AcknowledgementDocument>
    <ram:MultipleReferencesIndicator><udt:Indicator>${all.length > 1}</udt:Indicator></ram:MultipleReferencesIndicator>
    <ram:IssueDateTime><udt:DateTimeString format="204">${stated}</udt:DateTimeString></ram:IssueDateTime>
    ${all.map(reference).join('')}
  </rsm:AcknowledgementDocument>
</rsm:CrossDomainAcknowledgementAndResponse>`;
}

export interface InvoiceSpec {
  number?: string;
  type?: string;
  /** `YYYY-MM-DD`. */
  issued?: string;
  due?: string | null;
  total?: string;
  prepaid?: string | null;
  payable?: string;
  currency?: string;
  buyer?: { name?: string; siren?: string; siret?: string; vat?: string; customer?: string; gln?: string };
  order?: string;
  delivery?: string;
  terms?: string;
}

const compact = (day: string): string => day.replaceAll('-', '');
const when = (name: string, day: string): string =>
  `<ram:${name}><udt:DateTimeString format="102">${compact(day)}</udt:DateTimeString></ram:${name}>`;

/** A CII invoice (the XML of Factur-X); invented parties. */
export function ciiXml(spec: InvoiceSpec = {}): string {
  const { buyer = {} } = spec;
  const total = spec.total ?? '1200.00';
  const prepaid = spec.prepaid ?? null;
  const id = (value: string | undefined, tag: string, scheme?: string): string =>
    value === undefined
      ? ''
      : `<x:${tag}${scheme === undefined ? '' : ` schemeID="${scheme}"`}>${esc(value)}</x:${tag}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<inv:CrossIndustryInvoice xmlns:inv="${CII}" xmlns:x="${RAM}" xmlns:udt="${UDT}">
  <inv:ExchangedDocument><x:ID>${esc(spec.number ?? 'F-2026-001')}</x:ID><x:TypeCode>${spec.type ?? '380'}</x:TypeCode>
    ${when('IssueDateTime', spec.issued ?? '2026-07-02').replaceAll('ram:', 'x:')}</inv:ExchangedDocument>
  <inv:SupplyChainTradeTransaction>
    <x:IncludedSupplyChainTradeLineItem><x:AssociatedDocumentLineDocument><x:LineID>1</x:LineID></x:AssociatedDocumentLineDocument></x:IncludedSupplyChainTradeLineItem>
    <x:ApplicableHeaderTradeAgreement>
      <x:SellerTradeParty><x:Name>Verrerie des Tilleuls</x:Name></x:SellerTradeParty>
      <x:BuyerTradeParty>${id(buyer.customer, 'ID')}${id(buyer.gln, 'GlobalID', '0088')}${id(buyer.siret, 'GlobalID', '0009')}<x:Name>${esc(buyer.name ?? 'Épicerie du Lac')}</x:Name>
        ${buyer.siren === undefined ? '' : `<x:SpecifiedLegalOrganization>${id(buyer.siren, 'ID', '0002')}</x:SpecifiedLegalOrganization>`}
        <x:PostalTradeAddress><x:PostcodeCode>74000</x:PostcodeCode><x:LineOne>3 quai des Cygnes</x:LineOne><x:CityName>Annecy</x:CityName><x:CountryID>FR</x:CountryID></x:PostalTradeAddress>
        ${buyer.vat === undefined ? '' : `<x:SpecifiedTaxRegistration>${id(buyer.vat, 'ID', 'VA')}</x:SpecifiedTaxRegistration>`}</x:BuyerTradeParty>
      ${spec.order === undefined ? '' : `<x:BuyerOrderReferencedDocument>${id(spec.order, 'IssuerAssignedID')}</x:BuyerOrderReferencedDocument>`}
    </x:ApplicableHeaderTradeAgreement>
    <x:ApplicableHeaderTradeDelivery>${spec.delivery === undefined ? '' : `<x:DespatchAdviceReferencedDocument>${id(spec.delivery, 'IssuerAssignedID')}</x:DespatchAdviceReferencedDocument>`}</x:ApplicableHeaderTradeDelivery>
    <x:ApplicableHeaderTradeSettlement><x:InvoiceCurrencyCode>${spec.currency ?? 'EUR'}</x:InvoiceCurrencyCode>
      <x:SpecifiedTradePaymentTerms>${spec.terms === undefined ? '' : `<x:Description>${esc(spec.terms)}</x:Description>`}${
        spec.due === null ? '' : when('DueDateDateTime', spec.due ?? '2026-08-01').replaceAll('ram:', 'x:')
      }</x:SpecifiedTradePaymentTerms>
      <x:SpecifiedTradeSettlementHeaderMonetarySummation><x:GrandTotalAmount>${total}</x:GrandTotalAmount>${
        prepaid === null ? '' : `<x:TotalPrepaidAmount>${prepaid}</x:TotalPrepaidAmount>`
      }<x:DuePayableAmount>${spec.payable ?? total}</x:DuePayableAmount></x:SpecifiedTradeSettlementHeaderMonetarySummation>
    </x:ApplicableHeaderTradeSettlement>
  </inv:SupplyChainTradeTransaction>
</inv:CrossIndustryInvoice>`;
}

/** A UBL invoice or credit note; invented parties. */
export function ublXml(spec: InvoiceSpec & { credit?: boolean } = {}): string {
  const root = spec.credit === true ? 'CreditNote' : 'Invoice';
  const { buyer = {} } = spec;
  const total = spec.total ?? '1200.00';
  return `<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <b:ID>${esc(spec.number ?? 'F-2026-001')}</b:ID><b:IssueDate>${spec.issued ?? '2026-07-02'}</b:IssueDate>
  ${spec.due === null || spec.credit === true ? '' : `<b:DueDate>${spec.due ?? '2026-08-01'}</b:DueDate>`}
  <b:${root}TypeCode>${spec.type ?? (spec.credit === true ? '381' : '380')}</b:${root}TypeCode>
  <b:DocumentCurrencyCode>${spec.currency ?? 'EUR'}</b:DocumentCurrencyCode>
  ${spec.order === undefined ? '' : `<a:OrderReference><b:ID>${spec.order}</b:ID></a:OrderReference>`}
  ${spec.delivery === undefined ? '' : `<a:DespatchDocumentReference><b:ID>${spec.delivery}</b:ID></a:DespatchDocumentReference>`}
  <a:AccountingSupplierParty><a:Party><a:PartyName><b:Name>Verrerie des Tilleuls</b:Name></a:PartyName></a:Party></a:AccountingSupplierParty>
  <a:AccountingCustomerParty><a:Party>
    ${buyer.customer === undefined ? '' : `<a:PartyIdentification><b:ID>${buyer.customer}</b:ID></a:PartyIdentification>`}
    ${buyer.vat === undefined ? '' : `<a:PartyTaxScheme><b:CompanyID>${buyer.vat}</b:CompanyID><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme>`}
    <a:PartyLegalEntity><b:RegistrationName>${esc(buyer.name ?? 'Épicerie du Lac')}</b:RegistrationName>${
      buyer.siren === undefined ? '' : `<b:CompanyID schemeID="0002">${buyer.siren}</b:CompanyID>`
    }</a:PartyLegalEntity></a:Party></a:AccountingCustomerParty>
  ${spec.terms === undefined ? '' : `<a:PaymentTerms><b:Note>${esc(spec.terms)}</b:Note></a:PaymentTerms>`}
  <a:LegalMonetaryTotal><b:TaxInclusiveAmount currencyID="EUR">${total}</b:TaxInclusiveAmount>
    ${spec.prepaid === undefined || spec.prepaid === null ? '' : `<b:PrepaidAmount currencyID="EUR">${spec.prepaid}</b:PrepaidAmount>`}
    <b:PayableAmount currencyID="EUR">${spec.payable ?? total}</b:PayableAmount></a:LegalMonetaryTotal>
</${root}>`;
}

/** A small PDF that carries files, as Factur-X does; `packed` ones are compressed. */
export function pdfWith(files: { name: string; text: string; packed?: boolean }[]): Uint8Array {
  const objects: Buffer[] = [];
  const add = (body: string | Buffer): number =>
    objects.push(Buffer.isBuffer(body) ? body : Buffer.from(body, 'latin1'));
  add('<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 3 0 R >> >>');
  add('<< /Type /Pages /Kids [] /Count 0 >>');
  const specs = files.map((_, index) => 4 + index * 2);
  add(`<< /Names [${files.map(({ name }, index) => `(${name}) ${specs[index]} 0 R`).join(' ')}] >>`);
  files.forEach(({ name, text, packed = false }, index) => {
    const content = packed ? deflateSync(text) : Buffer.from(text, 'utf8');
    add(`<< /Type /Filespec /F (${name}) /UF (${name}) /EF << /F ${5 + index * 2} 0 R >> >>`);
    add(
      Buffer.concat([
        Buffer.from(
          `<< /Type /EmbeddedFile${packed ? ' /Filter /FlateDecode' : ''} /Length ${content.length} >>\nstream\n`,
        ),
        content,
        Buffer.from('\nendstream'),
      ]),
    );
  });
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let length = 9;
  objects.forEach((body, index) => {
    offsets.push(length);
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
    parts.push(whole);
    length += whole.length;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  );
  return new Uint8Array(Buffer.concat(parts));
}
