import type { Random } from './random.ts';

/** Names put together from syllables: they sound French and belong to nobody. */

const STARTS = [
  'Vaul',
  'Brem',
  'Corvi',
  'Thal',
  'Mardo',
  'Ossa',
  'Pelvi',
  'Grinvau',
  'Laver',
  'Norval',
  'Sauvi',
  'Tressa',
  'Garron',
  'Quer',
  'Belvo',
  'Dorni',
  'Fervau',
  'Hautri',
  'Jossel',
  'Kerdo',
  'Lambri',
  'Monda',
  'Orli',
  'Passe',
  'Roque',
  'Sermi',
  'Tardi',
  'Urvo',
  'Vermo',
  'Yvra',
  'Chande',
  'Brévo',
  'Clairmo',
  'Estra',
  'Flavi',
  'Gévo',
  'Halvo',
  'Ivre',
  'Jarno',
] as const;
const ENDS = [
  'nac',
  'court',
  'lanne',
  'drel',
  'vigne',
  'sac',
  'bault',
  'quier',
  'nard',
  'gnac',
  'lier',
  'zelle',
  'mont',
  'val',
  'din',
  'rand',
  'teuil',
  'rieu',
  'sanne',
  'telle',
  'niel',
  'gault',
  'vrin',
  'beuf',
  'doux',
  'rac',
  'lot',
  'mire',
] as const;
const PATTERNS = [
  (name: string) => `Établissements ${name}`,
  (name: string) => `${name} & Fils`,
  (name: string) => `Société ${name}`,
  (name: string) => `Transports ${name}`,
  (name: string) => `${name} Distribution`,
  (name: string) => `Groupe ${name}`,
  (name: string) => `${name} Industrie`,
  (name: string) => `Ateliers ${name}`,
  (name: string) => `Maison ${name}`,
  (name: string) => `${name} Équipements`,
  (name: string) => `${name} Bâtiment`,
  (name: string) => `Menuiserie ${name}`,
  (name: string) => `${name} SAS`,
  (name: string) => `Clinique ${name}`,
  (name: string) => `${name} Logistique`,
  (name: string) => `Coopérative de ${name}`,
  (name: string) => `${name} Emballages`,
  (name: string) => `Mécanique ${name}`,
  (name: string) => `${name} Négoce`,
  (name: string) => `Papeterie ${name}`,
] as const;
const FIRST_NAMES = [
  'Awa',
  'Denis',
  'Chloé',
  'Karim',
  'Nadège',
  'Hugo',
  'Solène',
  'Philippe',
  'Inès',
  'Bruno',
  'Marion',
  'Thierry',
  'Lucie',
  'Farid',
  'Agnès',
  'Olivier',
  'Camille',
  'Yann',
  'Élodie',
  'Pascal',
  'Mélanie',
  'Régis',
  'Fatou',
  'Gérald',
  'Justine',
  'Noémie',
  'Samuel',
  'Valérie',
  'Xavier',
  'Zoé',
] as const;
const STREETS = [
  'rue des Tanneurs',
  'avenue de la Gare',
  'rue du Moulin',
  'quai des Peupliers',
  'zone des Sablons',
] as const;
const ROLES = [
  'Comptabilité fournisseurs',
  'Direction financière',
  'Gérance',
  'Achats',
  'Assistante de direction',
] as const;

/** A made-up surname or place. */
export const surname = (random: Random): string => `${random.pick(STARTS)}${random.pick(ENDS)}`;

export interface MadeCompany {
  name: string;
  /** Without accents, for the example domain. */
  slug: string;
  address: string;
}

/** A company that does not exist; `taken` keeps names apart. */
export function company(random: Random, taken: Set<string>): MadeCompany {
  for (let attempt = 0; ; attempt += 1) {
    const root = surname(random);
    const found = random.pick(PATTERNS)(root);
    // A very large ledger has more customers than there are names.
    const name = attempt < 20 ? found : `${found} ${taken.size}`;
    if (taken.has(name)) continue;
    taken.add(name);
    const place = `${random.whole(1, 95)}${random.chance(0.1) ? ' bis' : ''} ${random.pick(STREETS)}`;
    return { name, slug: plain(root), address: `${place}, ${surname(random)}` };
  }
}

export interface MadePerson {
  name: string;
  email: string;
  phone: string;
  role: string;
}

/** Somebody who does not exist, reached at an example domain and a number kept for fiction (01 99 00 …). */
export function person(random: Random, slug: string): MadePerson {
  const first = random.pick(FIRST_NAMES);
  const last = surname(random);
  const pair = (): string => String(random.whole(0, 99)).padStart(2, '0');
  return {
    name: `${first} ${last}`,
    email: `${plain(first)}.${plain(last)}@${slug}.example`,
    phone: `01 99 00 ${pair()} ${pair()}`,
    role: random.pick(ROLES),
  };
}

/** A SIREN with a right key in a range that is never given out (it begins with 00). */
export function siren(random: Random): string {
  const body = `00${String(random.whole(0, 999_999)).padStart(6, '0')}`;
  let sum = 0;
  for (let index = 0; index < body.length; index += 1) {
    const digit = Number(body[index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${body}${(10 - (sum % 10)) % 10}`;
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
