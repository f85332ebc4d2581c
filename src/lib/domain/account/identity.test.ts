import { describe, expect, test } from 'vitest';
import { bareIdentifier, identityProblems, isSiren, isSiret, isVatNumber } from './identity.ts';

describe('identity', () => {
  test.each([
    ['732829320', true],
    ['356000000', true],
    ['552100554', true],
    ['732829321', false],
    ['000000000', false],
    ['73282932', false],
    ['73282932A', false],
  ])('[IDN-1] SIREN %s: %s', (text, valid) => {
    expect(isSiren(text)).toBe(valid);
  });

  test.each([
    ['73282932000074', true],
    ['73282932000075', false],
    ['73282932100074', false],
    ['35600000000048', true],
    ['35600000049837', true],
    ['35600000049838', false],
    ['7328293200007', false],
  ])('[IDN-2] SIRET %s: %s', (text, valid) => {
    expect(isSiret(text)).toBe(valid);
  });

  test.each([
    ['FR44732829320', true],
    ['FR45732829320', false],
    ['FRAB732829320', true],
    ['FRIO732829320', false],
    ['DE123456789', true],
    ['DE12345678', false],
    ['BE0123456789', true],
    ['IT12345678901', true],
    ['XX12345', true],
    ['12345', false],
  ])('[IDN-3] VAT number %s: %s', (text, valid) => {
    expect(isVatNumber(text)).toBe(valid);
  });

  test('[IDN-4] problems of an identity, the establishment of another firm among them', () => {
    expect(bareIdentifier('732 829.320-000 74 ')).toBe('73282932000074');
    expect(identityProblems({ siren: null, siret: null, vatNumber: null })).toEqual([]);
    expect(identityProblems({ siren: '732829320', siret: '73282932000074', vatNumber: 'FR44732829320' })).toEqual([]);
    expect(identityProblems({ siren: '552100554', siret: '73282932000074', vatNumber: 'FR1' })).toEqual([
      'siret',
      'vatNumber',
    ]);
  });
});
