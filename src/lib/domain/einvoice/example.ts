import type { Cents, Currency, Day } from '../values.ts';

/** Facts of a demonstration's invoice of which an example speaks. */
export interface ExampleFacts {
  number: string;
  issueDay: Day;
  cents: Cents;
  currency: Currency;
  buyerName: string;
  buyerSiren: string | null;
  sellerName: string;
}

const SPACES = {
  rsm: 'CrossDomainAcknowledgementAndResponse',
  ram: 'ReusableAggregateBusinessInformationEntity',
  qdt: 'QualifiedDataType',
  udt: 'UnqualifiedDataType',
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const compact = (day: Day): string => day.replaceAll('-', '');
const written = (cents: Cents): string => `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

/**
 * A life-cycle message to try in a demonstration: the buyer approves four fifths of the invoice (206) and asks for a credit note
 * of the rest, which was not delivered.
 *
 * @param facts a positive amount
 * @param today the day of which it is dated, at ten in the morning
 */
export function exampleStatus(facts: ExampleFacts, today: Day): { name: string; xml: string } {
  const refused = Math.round(facts.cents / 5);
  const at = `<udt:DateTimeString format="204">${compact(today)}100000</udt:DateTimeString>`;
  const amount = (type: string, cents: Cents): string =>
    `<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>${type}</ram:TypeCode><ram:ValueAmount currencyID="${facts.currency}">${written(cents)}</ram:ValueAmount></ram:SpecifiedDocumentCharacteristic>`;
  const id =
    facts.buyerSiren === null ? '' : `<ram:GlobalID schemeID="0002">${escaped(facts.buyerSiren)}</ram:GlobalID>`;
  const spaces = Object.entries(SPACES).map(
    ([prefix, name]) => `xmlns:${prefix}="urn:un:unece:uncefact:data:standard:${name}:100"`,
  );
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossDomainAcknowledgementAndResponse ${spaces.join(' ')}>
  <rsm:ExchangedDocument>
    <ram:ID>${escaped(facts.number)}-206-${compact(today)}</ram:ID>
    <ram:IssueDateTime>${at}</ram:IssueDateTime>
    <ram:IssuerTradeParty>${id}<ram:Name>${escaped(facts.buyerName)}</ram:Name><ram:RoleCode>BY</ram:RoleCode></ram:IssuerTradeParty>
    <ram:RecipientTradeParty><ram:Name>${escaped(facts.sellerName)}</ram:Name><ram:RoleCode>SE</ram:RoleCode></ram:RecipientTradeParty>
  </rsm:ExchangedDocument>
  <rsm:AcknowledgementDocument>
    <ram:MultipleReferencesIndicator><udt:Indicator>false</udt:Indicator></ram:MultipleReferencesIndicator>
    <ram:IssueDateTime>${at}</ram:IssueDateTime>
    <ram:ReferenceReferencedDocument>
      <ram:IssuerAssignedID>${escaped(facts.number)}</ram:IssuerAssignedID>
      <ram:TypeCode>380</ram:TypeCode>
      <ram:FormattedIssueDateTime><qdt:DateTimeString format="102">${compact(facts.issueDay)}</qdt:DateTimeString></ram:FormattedIssueDateTime>
      <ram:ProcessConditionCode>206</ram:ProcessConditionCode>
      <ram:SpecifiedDocumentStatus>
        <ram:ReasonCode>LIVR_INCOMP</ram:ReasonCode>
        <ram:Reason>Livraison incomplète</ram:Reason>
        <ram:RequestedActionCode>CNP</ram:RequestedActionCode>
        <ram:SequenceNumeric>1</ram:SequenceNumeric>
        <ram:IncludedNote><ram:Content>Un colis sur cinq n’est pas arrivé, le bon de livraison le dit. Nous réglons le reste.</ram:Content></ram:IncludedNote>
        ${amount('MAPTTC', facts.cents - refused)}
        ${amount('MNATTC', refused)}
      </ram:SpecifiedDocumentStatus>
    </ram:ReferenceReferencedDocument>
  </rsm:AcknowledgementDocument>
</rsm:CrossDomainAcknowledgementAndResponse>
`;
  return { name: `statut-206-${facts.number.replace(/[^\p{L}\p{N}.-]+/gu, '-')}.xml`, xml };
}
