import { createHmac } from 'node:crypto';
import type { Member } from '#lib/domain/member/member.ts';
import { newSecret, sameSecret } from './secrets.ts';

/**
 * A mark that a browser keeps after its member signed in there. It opens nothing: its bearer merely has tries of his own
 * in the throttle, so that strangers who guess at an account cannot keep its owner out. The key is the password's hash:
 * nothing more to store, and a new password forgets every browser.
 */
function sealOf(member: Pick<Member, 'id' | 'passwordHash'>, nonce: string): string {
  return createHmac('sha256', member.passwordHash ?? '')
    .update(`device:${member.id}:${nonce}`)
    .digest('base64url');
}

/** A new mark, `nonce.seal`, to keep in the device cookie. */
export function newDeviceMark(member: Pick<Member, 'id' | 'passwordHash'>): string {
  const nonce = newSecret().slice(0, 22);
  return `${nonce}.${sealOf(member, nonce)}`;
}

/** The mark's nonce if this member signed in with this browser before, else null. */
export function knownDevice(member: Pick<Member, 'id' | 'passwordHash'>, mark: string | null): string | null {
  if (mark === null || member.passwordHash === null) return null;
  const [nonce, seal, rest] = mark.split('.');
  if (nonce === undefined || seal === undefined || rest !== undefined) return null;
  return sameSecret(seal, sealOf(member, nonce)) ? nonce : null;
}
