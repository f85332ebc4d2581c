import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, CHAIN_START, eventHash, newSalt, personalDigest, verifyChain } from '#server/store/chain.ts';
import type { ChainRow } from '#server/store/chain.ts';
import type { StoredEvent, Value } from '#server/store/port.ts';

/** A sound chain of `length` events, every second one with a personal part. */
function chain(length: number): ChainRow[] {
  const rows: ChainRow[] = [];
  let head = CHAIN_START;
  for (let seq = 1; seq <= length; seq += 1) {
    const personal = seq % 2 === 0 ? { name: `Jeanne ${seq}` } : null;
    const salt = personal && newSalt();
    const hashed = {
      workspaceId: 'w',
      stream: 's',
      seq,
      id: `e${seq}`,
      name: 'case.claimed',
      at: `2026-11-22T08:00:00.${String(seq).padStart(3, '0')}Z`,
      day: '2026-11-22',
      actor: 'm1',
      data: { cents: seq * 100, list: [{ b: 1, a: null }] },
      personalDigest: personal && salt !== null ? personalDigest(salt, personal) : null,
      prevHash: head.hash,
    };
    const event: StoredEvent = { ...hashed, personal, erased: false, hash: eventHash(hashed) };
    rows.push({ event, salt });
    head = { seq, hash: event.hash };
  }
  return rows;
}

const headOf = (rows: ChainRow[]): { seq: number; hash: string } => {
  const last = rows.at(-1)?.event;
  return { seq: last?.seq ?? 0, hash: last?.hash ?? '' };
};
const row = (rows: ChainRow[], seq: number): ChainRow => rows[seq - 1] as ChainRow;

describe('[U5] the hash chain', () => {
  test('a sound one verifies, an empty one too', () => {
    expect(verifyChain(chain(20))).toBeNull();
    expect(verifyChain([])).toBeNull();
    const rows = chain(20);
    expect(verifyChain(rows, [headOf(rows), headOf(rows.slice(0, 7))])).toBeNull();
  });

  const edits: [string, (event: StoredEvent) => Partial<StoredEvent>][] = [
    ['an amount', () => ({ data: { cents: 1, list: [{ b: 1, a: null }] } })],
    ['an added key', ({ data }) => ({ data: { ...data, extra: true } })],
    ['the name', () => ({ name: 'case.released' })],
    ['the actor', () => ({ actor: 'm2' })],
    ['the instant', () => ({ at: '2026-11-22T09:00:00.000Z' })],
    ['the day', () => ({ day: '2026-11-23' })],
    ['the id', () => ({ id: 'other' })],
    ['the workspace', () => ({ workspaceId: 'other' })],
    ['the stream', () => ({ stream: 'other' })],
    ['the digest', () => ({ personalDigest: 'f'.repeat(64) })],
    ['the hash', () => ({ hash: 'f'.repeat(64) })],
    ['the hash before', () => ({ prevHash: 'f'.repeat(64) })],
  ];
  test.each(edits)('an edit of %s is flagged at its row', (_, edit) => {
    for (const seq of [1, 8, 20]) {
      const rows = chain(20);
      Object.assign(row(rows, seq).event, edit(row(rows, seq).event));
      expect(verifyChain(rows)).toMatchObject({ seq });
    }
  });

  test('an edit with its hash made anew is flagged at the row that follows', () => {
    const rows = chain(20);
    const { event } = row(rows, 8);
    event.actor = 'm2';
    event.hash = eventHash(event);
    expect(verifyChain(rows)).toMatchObject({ seq: 9 });
  });

  test('a personal part edited, added or given to another event is flagged; an erased one is not', () => {
    const edited = chain(20);
    row(edited, 8).event.personal = { name: 'Paul' };
    expect(verifyChain(edited)).toEqual({ seq: 8, reason: 'personal part altered' });
    const resalted = chain(20);
    row(resalted, 8).salt = newSalt();
    expect(verifyChain(resalted)).toMatchObject({ seq: 8 });
    const added = chain(20);
    Object.assign(row(added, 9), { salt: 'x' });
    row(added, 9).event.personal = { name: 'Paul' };
    expect(verifyChain(added)).toEqual({ seq: 9, reason: 'personal part added' });
    const erased = chain(20);
    Object.assign(row(erased, 8), { salt: null });
    Object.assign(row(erased, 8).event, { personal: null, erased: true });
    expect(verifyChain(erased)).toBeNull();
  });

  test('a deleted row is flagged where it lay', () => {
    for (const seq of [1, 8, 19])
      expect(verifyChain(chain(20).toSpliced(seq - 1, 1))).toEqual({ seq, reason: 'missing' });
  });

  test('rows in another order, or one twice, are flagged at the first of them', () => {
    const swapped = chain(20);
    [swapped[7], swapped[8]] = [row(swapped, 9), row(swapped, 8)];
    expect(verifyChain(swapped)).toMatchObject({ seq: 8 });
    const renumbered = chain(20);
    row(renumbered, 8).event.seq = 9;
    row(renumbered, 9).event.seq = 8;
    [renumbered[7], renumbered[8]] = [row(renumbered, 9), row(renumbered, 8)];
    expect(verifyChain(renumbered)).toMatchObject({ seq: 8 });
    const twice = chain(20);
    expect(verifyChain(twice.toSpliced(8, 0, row(twice, 8)))).toEqual({ seq: 9, reason: 'out of order' });
  });

  test('only an anchor shows that the end was cut off, or the whole rewritten', () => {
    const rows = chain(20);
    const anchor = headOf(rows);
    const cut = rows.slice(0, 15);
    expect(verifyChain(cut)).toBeNull();
    expect(verifyChain(cut, [anchor])).toEqual({ seq: 16, reason: 'missing' });
    expect(verifyChain([], [anchor])).toEqual({ seq: 1, reason: 'missing' });
    // Same events, other salts: a chain made anew from its start.
    expect(verifyChain(chain(25), [anchor])).toEqual({ seq: 20, reason: 'differs from the anchor' });
  });
});

describe('canonical JSON', () => {
  const value = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Value>;

  test('is one text for equal values, whatever the order of their keys', () => {
    const shuffled = (one: Value): Value => {
      if (Array.isArray(one)) return one.map(shuffled);
      if (one === null || typeof one !== 'object') return one;
      return Object.fromEntries(
        Object.entries(one)
          .reverse()
          .map(([key, inner]) => [key, shuffled(inner)]),
      );
    };
    fc.assert(fc.property(value, (one) => void expect(canonicalJson(shuffled(one))).toBe(canonicalJson(one))));
  });

  test('is JSON of the same value', () => {
    fc.assert(
      fc.property(value, (one) => void expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(one)))),
    );
  });

  test.each([
    [{ b: 1, a: [true, null, -0, 1e21, 0.1] }, '{"a":[true,null,0,1e+21,0.1],"b":1}'],
    [{ é: '"\\\n', e: '😀' }, '{"e":"😀","é":"\\"\\\\\\n"}'],
    [[], '[]'],
    [{}, '{}'],
  ])('%j', (one, text) => {
    expect(canonicalJson(one as Value)).toBe(text);
  });
});
