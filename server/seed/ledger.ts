import { addDays, daysBetween, endOfMonth } from '#lib/domain/calendar/calendar.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import type { Cents, Currency, Day } from '#lib/domain/values.ts';
import { company, person, siren, type MadePerson } from './names.ts';
import type { Random } from './random.ts';

export interface SeedPeople {
  /** Ledger codes of the collectors and of the sales reps. */
  collectors: readonly string[];
  reps: readonly string[];
}

export interface MadeAccount {
  number: string;
  name: string;
  contacts: MadePerson[];
  lines: LedgerLine[];
}

export interface LedgerSize {
  accounts: number;
  /** Roughly, on average. */
  itemsPerAccount: number;
}

const DAYS = 730;
const MEDIAN_CENTS = 240_000;
const FOREIGN = ['GBP', 'GBP', 'GBP', 'CHF', 'CHF'] as const;

/** How one customer behaves; quantiles are those found in real ledgers (docs/rules.md, SEED). */
interface Customer {
  invoices: number;
  lateness: number;
  spread: number;
  disputeRate: number;
  size: number;
  terms: { text: string; due(issueDay: Day): Day };
  currency: Currency;
  entityCode: string;
}

const TERMS = [
  { weight: 0.55, text: '30 j net', due: (day: Day) => addDays(day, 30) },
  { weight: 0.2, text: '45 j fin de mois', due: (day: Day) => endOfMonth(addDays(day, 45)) },
  { weight: 0.25, text: '60 j net', due: (day: Day) => addDays(day, 60) },
] as const;

/**
 * Makes a customer ledger over the two years up to `today`, account by account, the same for the same generator. No
 * row and no name is taken from anywhere.
 */
export function* makeLedger(random: Random, size: LedgerSize, people: SeedPeople, today: Day): Generator<MadeAccount> {
  const taken = new Set<string>();
  const serial = { last: 0 };
  let line = 1;
  for (let index = 0; index < size.accounts; index += 1) {
    const made = company(random, taken);
    const identity = siren(random);
    const customer = makeCustomer(random, size, index);
    const first = person(random, made.slug);
    const number = `C${String(10_000 + index * 7)}`;
    const unassigned = random.chance(0.08);
    const shared: Omit<LedgerLine, MovingFields> = {
      accountNumber: number,
      accountName: made.name,
      identity: {
        siren: identity,
        siret: null,
        vatNumber: `FR${String((12 + 3 * (Number(identity) % 97)) % 97).padStart(2, '0')}${identity}`,
        address: made.address,
        country: customer.currency === 'EUR' ? 'FR' : customer.currency === 'GBP' ? 'GB' : 'CH',
      },
      contact: { name: first.name, email: first.email, phone: first.phone },
      collector: unassigned
        ? null
        : (people.collectors[Math.floor(random.next() ** 1.2 * people.collectors.length)] ?? null),
      salesRep: people.reps.length === 0 || random.chance(0.15) ? null : random.pick(people.reps),
      entityCode: customer.entityCode,
      payingAccount: null,
      instalment: '',
      terms: customer.terms.text,
      currency: customer.currency,
      rounded: false,
      lostMillicents: 0,
      paymentMethod: random.pick(['Virement', 'Virement', 'Prélèvement', 'Chèque', 'LCR']),
      factored: random.chance(0.04),
      extra: {},
    };
    const moving = [...invoicesOf(random, customer, today, serial), ...creditsOf(random, customer, today, serial)];
    yield {
      number,
      name: made.name,
      contacts: [first, ...(random.chance(0.35) ? [person(random, made.slug)] : [])],
      lines: moving.map((fields) => ({ ...shared, ...fields, line: (line += 1) })),
    };
  }
}

type MovingFields =
  | 'line'
  | 'kind'
  | 'number'
  | 'issueDay'
  | 'dueDay'
  | 'cents'
  | 'openCents'
  | 'settledOn'
  | 'disputed'
  | 'orderNumber'
  | 'deliveryNote';
type Moving = Pick<LedgerLine, Exclude<MovingFields, 'line'>>;

function makeCustomer(random: Random, size: LedgerSize, index: number): Customer {
  const usual = random.quantiles([17, 21, 24, 28, 34]);
  let lateness = random.quantiles([-23, -11, -4, 4, 13]);
  // The slowest twentieth is what collection is about.
  if (lateness > 13) lateness = 13 + random.next() ** 2 * 70;
  let terms: (typeof TERMS)[number] = TERMS[0];
  let draw = random.next();
  for (const candidate of TERMS) {
    terms = candidate;
    draw -= candidate.weight;
    if (draw < 0) break;
  }
  return {
    invoices: Math.max(1, Math.round((usual / 24.5) * size.itemsPerAccount)),
    lateness,
    spread: random.quantiles([4.5, 5.7, 6.9, 8.6, 10.3]),
    disputeRate: Math.min(1, Math.max(0, random.quantiles([0, 0, 0.1, 0.3, 0.9]))),
    size: Math.exp(0.7 * random.normal()),
    terms,
    currency: index % 20 === 7 ? random.pick(FOREIGN) : 'EUR',
    entityCode: index % 5 === 3 ? '20' : '10',
  };
}

function centsOf(random: Random, customer: Customer): Cents {
  const cents = Math.round(MEDIAN_CENTS * customer.size * Math.exp(0.85 * random.normal()));
  return Math.min(Math.max(cents, 1_800), 9_500_000);
}

function invoicesOf(random: Random, customer: Customer, today: Day, serial: { last: number }): Moving[] {
  return Array.from({ length: customer.invoices }, () => {
    const issueDay = addDays(today, -random.whole(0, DAYS));
    const dueDay = customer.terms.due(issueDay);
    const cents = centsOf(random, customer);
    const disputed = random.chance(customer.disputeRate);
    // Forgotten or refused ones stay open, the recent ones more often: older ones were chased.
    const forgotten = random.chance(daysBetween(issueDay, today) < 270 ? 0.045 : 0.006);
    const lateness = customer.lateness + (disputed ? 11 : -3) + customer.spread * random.normal();
    const paidOn = addDays(dueDay, Math.max(Math.round(lateness), -daysBetween(issueDay, dueDay)));
    const settled = !forgotten && paidOn <= today;
    const part = !settled && dueDay < today && random.chance(0.12);
    serial.last += 1;
    return {
      kind: 'invoice',
      number: `F${issueDay.slice(2, 4)}${String(serial.last).padStart(6, '0')}`,
      issueDay,
      dueDay,
      cents,
      openCents: settled ? 0 : part ? Math.max(1, Math.round(cents * (0.2 + 0.6 * random.next()))) : cents,
      settledOn: settled ? paidOn : null,
      disputed,
      orderNumber: random.chance(0.6) ? `CDE-${random.whole(20_000, 99_999)}` : null,
      deliveryNote: random.chance(0.5) ? `BL${random.whole(100_000, 999_999)}` : null,
    };
  });
}

/** Credit notes, and payments that nobody has allocated yet. */
function creditsOf(random: Random, customer: Customer, today: Day, serial: { last: number }): Moving[] {
  const credits: Moving[] = [];
  const add = (kind: 'credit_note' | 'payment', number: string, day: Day, cents: Cents, open: boolean): void => {
    credits.push({
      kind,
      number,
      issueDay: day,
      dueDay: day,
      cents: -cents,
      openCents: open ? -cents : 0,
      settledOn: open ? null : addDays(day, Math.min(20, daysBetween(day, today))),
      disputed: false,
      orderNumber: null,
      deliveryNote: null,
    });
  };
  if (random.chance(0.35)) {
    serial.last += 1;
    const day = addDays(today, -random.whole(0, DAYS));
    add(
      'credit_note',
      `A${day.slice(2, 4)}${String(serial.last).padStart(6, '0')}`,
      day,
      Math.round(centsOf(random, customer) / 4),
      daysBetween(day, today) < 60,
    );
  }
  if (random.chance(0.12)) {
    serial.last += 1;
    const day = addDays(today, -random.whole(0, 25));
    add('payment', `R${String(serial.last).padStart(7, '0')}`, day, Math.round(centsOf(random, customer) / 2), true);
  }
  return credits;
}
