import { describe, expect, it } from 'vitest';
import { disputeNumberOf, referenceIn } from './reference.ts';

describe('a reference', () => {
  it.each([
    ['12', '12'],
    ['#12', '12'],
    ['# 12', '12'],
    ['n° 12', '12'],
    ['N°12', '12'],
    ['no. 12', '12'],
    ['Litige 12', '12'],
    ['litige n° 12', '12'],
    ['Dispute #12', '12'],
    ['facture FA-100', 'FA-100'],
    ['Pièce n°FA-100', 'FA-100'],
    ['INVOICE number F100', 'F100'],
    [' fa-100 ', 'fa-100'],
    ['litige', 'litige'],
    ['Nord Litiges', 'Nord Litiges'],
    ['Nord', 'Nord'],
    ['#', '#'],
    ['', ''],
    ['œuvre 12', 'œuvre 12'],
  ])('[TXT-6] %j is %j', (typed, reference) => {
    expect(referenceIn(typed)).toBe(reference);
  });

  it.each([
    ['12', 12],
    ['999999999', 999_999_999],
    ['012', null],
    ['0', null],
    ['1234567890', null],
    ['F12', null],
    ['1.5', null],
    ['', null],
  ])('[TXT-6] %j is the dispute %j', (reference, number) => {
    expect(disputeNumberOf(reference)).toBe(number);
  });
});
