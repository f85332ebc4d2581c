import { describe, expect, it } from 'vitest';
import { isPublicAddress, webhookAddressRefusal } from './public-address.ts';

describe('addresses that webhooks may reach', () => {
  it.each(['8.8.8.8', '93.184.216.34', '172.15.0.1', '2606:2800:220:1::1', '100.128.0.1'])('%s is public', (one) => {
    expect(isPublicAddress(one)).toBe(true);
  });
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    'example.com',
    '',
  ])('%s is not', (one) => expect(isPublicAddress(one)).toBe(false));

  it.each([
    ['https://hooks.example.com/encours', null],
    ['https://hooks.example.com:8443/x?y=1', null],
    ['http://hooks.example.com/', 'https_only'],
    ['ftp://hooks.example.com/', 'https_only'],
    ['https://user:secret@hooks.example.com/', 'credentials'],
    ['https://127.0.0.1/', 'private_address'],
    ['https://0x7f.1/', 'private_address'],
    ['https://2130706433/', 'private_address'],
    ['https://[::1]/', 'private_address'],
    ['https://[::ffff:10.0.0.1]/', 'private_address'],
    ['https://localhost/', 'private_address'],
    ['https://LOCALHOST./', 'private_address'],
    ['https://db.internal/', 'private_address'],
    ['https://intranet/', 'private_address'],
    ['not an address', 'url'],
  ])('%s: %s', (url, refusal) => expect(webhookAddressRefusal(url, false)).toBe(refusal));

  it('may be anywhere where the installation says so, but never hold a password', () => {
    expect(webhookAddressRefusal('http://127.0.0.1:5350/', true)).toBeNull();
    expect(webhookAddressRefusal('https://user:secret@127.0.0.1/', true)).toBe('credentials');
    expect(webhookAddressRefusal('file:///etc/passwd', true)).toBe('https_only');
  });
});
