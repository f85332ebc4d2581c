import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownDevice, newDeviceMark } from './device.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { readCookie, serializeCookie, sessionCookie } from './cookies.ts';
import { newCode, newSecret, sameSecret } from './secrets.ts';
import { addressKey, createRequestMeter } from './throttle.ts';

describe('passwords', () => {
  it('are kept as Argon2id with a salt of their own, and recognised', async () => {
    const [one, two] = await Promise.all([hashPassword('motdepassé très long'), hashPassword('motdepassé très long')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword(one, 'motdepassé très long')).toBe(true);
    expect(await verifyPassword(one, 'motdepassé très long'.normalize('NFD'))).toBe(true);
    expect(await verifyPassword(one, 'motdepassé tres long')).toBe(false);
  });

  it.each([null, '', 'plain', '$argon2id$v=19$m=19456,t=2,p=1$x', '$2b$10$abcdefghijklmnopqrstuv'])(
    'are never right for the hash %s',
    async (hash) => {
      expect(await verifyPassword(hash, '')).toBe(false);
      expect(await verifyPassword(hash, 'plain')).toBe(false);
    },
  );

  it('[O3] refuse to queue without end', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 120 }, () => verifyPassword(null, 'x')));
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: 'too_many_requests' } });
    expect(await verifyPassword(await hashPassword('after the rush'), 'after the rush')).toBe(true);
  }, 60_000);
});

describe('secrets', () => {
  it('are long, different, and compared whole', () => {
    expect(new Set(Array.from({ length: 100 }, () => newSecret())).size).toBe(100);
    expect(newSecret('enc_')).toMatch(/^enc_[\w-]{43}$/);
    expect(newCode()).toMatch(/^[A-HJ-NP-Z0-9]{5}(-[A-HJ-NP-Z0-9]{5}){3}$/);
    expect(sameSecret('abc', 'abc')).toBe(true);
    expect(sameSecret('abc', 'abcd')).toBe(false);
  });

  it('mark a browser for one member and one password only', () => {
    const member = { id: 'm1', passwordHash: '$argon2id$a' };
    const mark = newDeviceMark(member);
    expect(knownDevice(member, mark)).toBe(mark.split('.')[0]);
    expect(knownDevice({ ...member, id: 'm2' }, mark)).toBeNull();
    expect(knownDevice({ ...member, passwordHash: '$argon2id$b' }, mark)).toBeNull();
    for (const forged of [null, '', '.', 'a.b.c', `${mark}x`, `x${mark}`])
      expect(knownDevice(member, forged)).toBeNull();
    expect(knownDevice({ id: 'm1', passwordHash: null }, mark)).toBeNull();
  });
});

describe('cookies', () => {
  it('go out and come back as they were, whatever stands beside them', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const token = newSecret();
        const [pair = ''] = serializeCookie(sessionCookie({ origin: null }, token)).split('; ');
        const clean = (text: string): string => text.replace(/;|encours-session/g, '');
        expect(readCookie(`${clean(before)}; ${pair};${clean(after)}`, 'encours-session')).toBe(token);
      }),
    );
  });
});

describe('[O3] counting', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('[O3] puts %s under %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });

  it('[O3] refuses the one who asks too much, and nobody else', async () => {
    const meter = createRequestMeter(2_000);
    const answers = await Promise.allSettled(Array.from({ length: 2_001 }, () => meter.count('flood')));
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await expect(meter.count('flood')).rejects.toMatchObject({ code: 'too_many_requests' });
    await expect(meter.count('neighbour')).resolves.toBeUndefined();
  });
});
