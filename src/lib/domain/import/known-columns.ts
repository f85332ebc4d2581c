import { foldText } from '../text/fold.ts';
import type { ImportField } from './import.ts';

/**
 * Column names of ledgers and ERP exports, French and English, folded, letters and digits only; the earlier of a
 * field's names wins when a file has several of them.
 */
const SPELLINGS: readonly [ImportField, string][] = [
  [
    'accountNumber',
    'accountnumber customerid customernumber customerno custnumber custno customercode codeclient numeroclient numclient nclient noclient clientid clientcode nduclient numeroduclient nocpteclient numerodecompte numerocompte ncompte nocompte comptenumber compteclient codetiers comptetiers numerotiers ntiers compauxnum compteauxiliaire compteaux auxiliaire accountno accountid accountcode debtornumber debtorno debtorid refclient referenceclient idclient kunnr soldto soldtoparty customerref account compte debtor debiteur client customer tiers',
  ],
  [
    'accountName',
    'accountname customername namecustomer custname raisonsociale raisonsocialeclient nomclient nomduclient clientname nomtiers libelletiers libelleclient intituleclient intituletiers compauxlib denominationsociale denomination nomcompte libellecompte debtorname name1 nom name intitule societeclient client customer tiers',
  ],
  ['siren', 'siren nsiren nosiren numerosiren numsiren sirennumber codesiren sirenclient'],
  ['siret', 'siret nsiret nosiret numerosiret numsiret siretnumber codesiret siretclient'],
  [
    'vatNumber',
    'vatnumber vatno vatid tvaintracommunautaire tvaintracom numerotva ntva notva numtva numerotvaintracommunautaire numerotvaintracom ntvaintracommunautaire ntvaintracom vatregistrationnumber taxid stceg',
  ],
  ['contactName', 'contactname nomcontact nomducontact contact interlocuteur contactclient contactperson attn'],
  [
    'contactEmail',
    'contactemail emailcontact email courriel mail adresseemail adressemail adressedemessagerie emailclient mailcontact emailaddress customeremail',
  ],
  [
    'contactPhone',
    'contactphone telephonecontact telcontact telephone tel phone phonenumber numerotelephone numerodetelephone ntelephone ntel mobile portable customerphone',
  ],
  [
    'address',
    'address adresse adressecomplete adressefacturation adressedefacturation billingaddress adresseclient adresse1 rue street',
  ],
  ['country', 'country countrycode pays codepays paysclient customercountry land1'],
  [
    'collector',
    'collector collectorcode collectorname chargederecouvrement chargerecouvrement chargesderecouvrement responsablerecouvrement gestionnaire gestionnairerecouvrement creditcontroller collecteur recouvreur coderecouvreur chargedecompte creditanalyst',
  ],
  [
    'salesRep',
    'salesrep salesrepcode salesrepname salesrepresentative salesperson salesman commercial nomcommercial codecommercial representant coderepresentant vendeur codevendeur responsablecommercial accountmanager chargeaffaires chargedaffaires',
  ],
  [
    'entity',
    'legalentity entity entitycode entite codeentite societe codesociete companycode company businesscode bukrs filiale etablissement businessunit entityid societeemettrice',
  ],
  [
    'payingAccount',
    'payingaccount comptepayeur clientpayeur tierspayeur codepayeur payeur payeraccount payernumber payer billto',
  ],
  [
    'itemNumber',
    'itemnumber invoicenumber invoiceno invoicenum invoiceid numerofacture numerodefacture nfacture nofacture numfacture ndefacture numeropiece numerodepiece npiece nopiece numpiece ndepiece documentnumber documentno docnumber docno docid numerodocument ndocument referencefacture reffacture referencepiece refpiece pieceref belnr billnumber numerodoc piece facture invoice document reference ref numero number',
  ],
  [
    'instalment',
    'instalment installment instalmentnumber installmentnumber numeroecheance necheance noecheance numecheance rangecheance rang tranche buzei',
  ],
  [
    'kind',
    'itemkind itemtype kind documenttype doctype typepiece typedepiece typedocument typededocument typefacture invoicetype naturepiece nature transactiontype typeecriture typemouvement codepiece blart type',
  ],
  [
    'issueDay',
    'issueday issuedate invoicedate datefacture datedefacture datedelafacture datefacturation datedefacturation dateemission datedemission datepiece datedepiece piecedate documentdate datedocument datedudocument docdate billingdate bldat documentcreatedate datecreation postingdate datecomptable datecomptabilisation ecrituredate dateecriture budat baselinecreatedate date',
  ],
  [
    'dueDay',
    'dueday duedate dateecheance datedecheance echeance dueindate paymentduedate netduedate dateexigibilite datedexigibilite dateecheancefacture duedt faedt',
  ],
  [
    'terms',
    'terms paymentterms paymentterm conditionsdepaiement conditiondepaiement conditionspaiement conditionpaiement conditionsdereglement conditiondereglement conditionsreglement conditionreglement delaidepaiement delaipaiement delaidereglement delaireglement modalitesdepaiement modalites delai custpaymentterms zterm',
  ],
  [
    'amount',
    'invoiceamount originalamount amount montantttc totalttc montanttotalttc montantfacture montantdelafacture montantinitial montantorigine montantdorigine montantpiece montantdocument grossamount amountinclvat totalamount invoicetotal montanttotal montant ttc total wrbtr dmbtr',
  ],
  [
    'openAmount',
    'openamount soldedu solde soldettc resteapayer restedu resteadu resteaencaisser restearegler resteapercevoir montantrestantdu montantrestant restantdu montantouvert montantdu outstandingamount outstanding amountdue balancedue remainingamount openbalance totalopenamount amountresidual residual encours balance',
  ],
  ['debit', 'debit montantdebit debitamount'],
  ['credit', 'credit montantcredit creditamount'],
  ['currency', 'currency currencycode devise codedevise invoicecurrency monnaie waers idevise'],
  [
    'settledOn',
    'settledon settleddate settlementdate datereglement datedereglement datedureglement datepaiement datedepaiement paymentdate paiddate paidon cleardate clearingdate dateencaissement datedencaissement datesolde datedesolde datelettrage datelet augdt',
  ],
  [
    'disputed',
    'disputed dispute isdisputed indispute litige enlitige facturelitigieuse litigieux statutlitige conteste contested disputestatus codelitige',
  ],
  [
    'orderNumber',
    'ordernumber orderno numerocommande numerodecommande ncommande nocommande numcommande ndecommande bondecommande boncommande nbondecommande referencecommande refcommande commandeclient purchaseorder ponumber pono salesorder customerorder commande po',
  ],
  [
    'deliveryNote',
    'deliverynote deliverynotenumber deliverynumber deliveryno numerobl nbl nobl numbl bondelivraison bonlivraison nbondelivraison nbonlivraison numerobondelivraison refbl livraison bl',
  ],
  [
    'paymentMethod',
    'paymentmethod modedereglement modereglement modedepaiement modepaiement moyendepaiement moyenpaiement moyendereglement paymenttype paymentmode zlsch reglement',
  ],
  [
    'factored',
    'factored assignedtofactor cedeaufactor cedefactor factor affacturage affacture cedee cede factoring cession',
  ],
];

/** A column's name as it is compared: folded, without what stands in brackets, letters and digits only. */
export function bareColumn(name: string): string {
  return foldText(name.replace(/[([{].*?[)\]}]/g, ' ')).replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Fields that every line needs: among columns of the right name, one without empty cells is better. */
const ALWAYS_FILLED: readonly ImportField[] = ['accountNumber', 'itemNumber', 'issueDay'];

/**
 * Which known field each column is (rule IMP-3), null for those kept as they are. Each field is given once, each column
 * to one field: the field's best-ranked name wins; `Client` is a number when nothing better is, else a name. A balance
 * beside debit and credit columns may be a running one: it is not taken for the open amount.
 *
 * @param isFilled whether the sampled cells of a column, by its index, are never empty
 */
export function fieldsOfColumns(
  columns: readonly string[],
  isFilled: (index: number) => boolean = () => true,
): { [column: string]: ImportField | null } {
  const result: { [column: string]: ImportField | null } = {};
  const bare = columns.map(bareColumn);
  const taken = new Set<number>();
  for (const [field, spellings] of SPELLINGS) {
    const ranks = spellings.split(' ');
    let best: { index: number; rank: number } | null = null;
    for (const [index, name] of bare.entries()) {
      if (taken.has(index)) continue;
      const named = ranks.indexOf(name);
      const rank = named >= 0 && ALWAYS_FILLED.includes(field) && !isFilled(index) ? named + ranks.length : named;
      if (rank >= 0 && (best === null || rank < best.rank)) best = { index, rank };
    }
    const column = best === null ? undefined : columns[best.index];
    if (best === null || column === undefined) continue;
    taken.add(best.index);
    result[column] = field;
  }
  for (const column of columns) result[column] ??= null;
  const mapped = Object.values(result);
  if (mapped.includes('debit') && mapped.includes('credit')) {
    for (const column of columns) {
      if (result[column] === 'openAmount' && ['solde', 'balance'].includes(bareColumn(column))) result[column] = null;
    }
  }
  return result;
}

/**
 * A column's name made fit to be a key of a stored document: trimmed, without a leading `$`, its dots as one dot leaders
 * (U+2024), which look the same and are no path.
 */
export function columnKey(raw: string): string {
  return raw
    .replace(/^\ufeff/, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/^\$+/, '')
    .replaceAll('.', '\u2024')
    .slice(0, 80)
    .toWellFormed();
}

/** Header names as keys, no two alike (`Ref`, `Ref (2)`), empty ones numbered (`column 3`). */
export function uniqueColumns(header: readonly string[]): string[] {
  const seen = new Set<string>();
  return header.map((raw, index) => {
    const text = columnKey(raw);
    const base = text === '' || text === '__proto__' ? `column ${index + 1}` : text;
    let name = base;
    for (let count = 2; seen.has(name); count += 1) name = `${base} (${count})`;
    seen.add(name);
    return name;
  });
}
