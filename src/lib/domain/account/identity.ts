/** Whether the digits pass the Luhn check. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** An identifier without the spaces, points and dashes that people put in; capitals. */
export function bareIdentifier(text: string): string {
  return text.replace(/[\s\u00a0\u202f.-]/g, '').toUpperCase();
}

/** SIREN: nine digits with a Luhn check (rule IDN-1). */
export function isSiren(text: string): boolean {
  return /^\d{9}$/.test(text) && text !== '000000000' && passesLuhn(text);
}

/**
 * SIRET: a SIREN and five digits, Luhn over all; La Poste's establishments (356000000) instead add up to a multiple of
 * five (rule IDN-2).
 */
export function isSiret(text: string): boolean {
  if (!/^\d{14}$/.test(text) || !isSiren(text.slice(0, 9))) return false;
  if (passesLuhn(text)) return true;
  return text.startsWith('356000000') && [...text].reduce((sum, digit) => sum + Number(digit), 0) % 5 === 0;
}

/** Shapes of the numbers of the Union's members, Northern Ireland, Britain, Norway and Switzerland. */
const VAT_SHAPES: { [country: string]: RegExp } = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CH: /^E?\d{9}(?:MWST|TVA|IVA)?$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  ES: /^[A-Z\d]\d{7}[A-Z\d]$/,
  FI: /^\d{8}$/,
  GB: /^(?:\d{9}|\d{12}|(?:GD|HA)\d{3})$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^(?:\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])$/,
  IT: /^\d{11}$/,
  LT: /^(?:\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^[A-Z\d+*]{10}\d{2}$/,
  NO: /^\d{9}(?:MVA)?$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{12}$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
  XI: /^(?:\d{9}|\d{12})$/,
};

/**
 * VAT number: the French one with its key over the SIREN, (12 + 3 × SIREN mod 97) mod 97, or an alphanumeric key that
 * is not computed; others by shape alone (rule IDN-3). Countries not listed are not judged.
 */
export function isVatNumber(text: string): boolean {
  const country = text.slice(0, 2);
  const rest = text.slice(2);
  if (country === 'FR' || country === 'MC') return isFrenchVat(rest);
  const shape = VAT_SHAPES[country];
  return shape === undefined ? /^[A-Z]{2}[A-Z\d]{4,14}$/.test(text) : shape.test(rest);
}

function isFrenchVat(rest: string): boolean {
  const match = /^([A-HJ-NP-Z\d]{2})(\d{9})$/.exec(rest);
  if (match === null) return false;
  const [, key = '', siren = ''] = match;
  if (!/^\d\d$/.test(key)) return true;
  // Monaco's numbers stand on identifiers of its own.
  return Number(key) === (12 + 3 * (Number(siren) % 97)) % 97 && (isSiren(siren) || siren.startsWith('000'));
}

/** What is wrong with an account's identity: field names, empty when all is well or unknown. */
export function identityProblems(identity: {
  siren: string | null;
  siret: string | null;
  vatNumber: string | null;
}): ('siren' | 'siret' | 'vatNumber')[] {
  const problems: ('siren' | 'siret' | 'vatNumber')[] = [];
  if (identity.siren !== null && !isSiren(identity.siren)) problems.push('siren');
  const foreign = identity.siren !== null && identity.siret !== null && !identity.siret.startsWith(identity.siren);
  if (identity.siret !== null && (!isSiret(identity.siret) || foreign)) problems.push('siret');
  if (identity.vatNumber !== null && !isVatNumber(identity.vatNumber)) problems.push('vatNumber');
  return problems;
}
