import { BlockList, isIP } from 'node:net';

/** What is not the public internet (IANA special-purpose registries): ours, the machine's own, reserved, multicast. */
const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address is one of the public internet; false for what is no address at all. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  // An IPv4 address in IPv6 clothes has no business in a public name.
  if (family === 6 && /^::ffff:/i.test(address)) return false;
  return family !== 0 && !NOT_PUBLIC.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** The host of an address as sockets want it: an IPv6 literal without its brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/**
 * Why a webhook may not have this address, as far as the address itself says; null when it may. What its name leads to is
 * judged each time that something is sent.
 *
 * @param anywhere whether private addresses and plain http are allowed (ENCOURS_WEBHOOK_PRIVATE)
 * @returns `url`, `https_only`, `credentials`, `private_address`
 */
export function webhookAddressRefusal(text: string, anywhere: boolean): string | null {
  if (!URL.canParse(text)) return 'url';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(anywhere && url.protocol === 'http:')) return 'https_only';
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (anywhere) return null;
  const host = hostOf(url);
  if (isIP(host) !== 0) return isPublicAddress(host) ? null : 'private_address';
  const local = !host.includes('.') || /(^|\.)(localhost|local|internal|localdomain|home\.arpa)\.?$/i.test(host);
  return local ? 'private_address' : null;
}
