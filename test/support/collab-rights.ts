import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MESSAGE } from '#lib/protocol/collab.ts';
import { accountStream, memberRecordStream } from '#lib/protocol/streams.ts';
import { newId } from '#server/store/id.ts';
import { members } from '#server/store/kinds/installation.ts';
import { accounts } from '#server/store/kinds/workspace.ts';
import type { CollabHouse, Pen } from './collab.ts';

/** An event as a service writes it. */
export const eventOf = (house: CollabHouse, name: string, data: object) => ({
  id: newId(),
  name,
  at: house.app.clock.now(),
  day: '2026-03-16',
  actor: 'system',
  data: data as never,
  personal: null,
});

/** Gives the account other tokens, as a reassignment does. */
export async function setAccess(house: CollabHouse, access: string[]): Promise<void> {
  await house.app.store.workspace(house.workspace.id).transaction(async (tx) => {
    const account = await tx.docs(accounts).get(house.account.id);
    if (account === null) throw new Error('no account');
    const next = await tx.docs(accounts).replace({ ...account, access });
    await tx.append(accountStream(account.id), [eventOf(house, 'account.reassigned', { records: { account: next } })]);
  });
}

/** Changes a member's record, as administration does. */
export async function changeMember(house: CollabHouse, id: string, change: object): Promise<void> {
  await house.app.store.installation.transaction(async (tx) => {
    const member = await tx.docs(members).get(id);
    if (member === null) throw new Error('no member');
    await tx.docs(members).replace({ ...member, ...change });
    await tx.append(memberRecordStream(id), [
      eventOf(house, 'rights.changed', { workspaceId: house.workspace.id, memberId: id, reason: 'test' }),
    ]);
  });
}

/** An awareness message, as any program could send it. */
export const placeOf = (client: number, clock: number, state: object | null): Uint8Array => {
  const body = encoding.createEncoder();
  encoding.writeVarUint(body, 1);
  encoding.writeVarUint(body, client);
  encoding.writeVarUint(body, clock);
  encoding.writeVarString(body, JSON.stringify(state));
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE.AWARENESS);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(body));
  return encoding.toUint8Array(encoder);
};

/** The places that somebody was told of, in their order. */
export const placesHeard = (
  pen: Pen,
): { client: number; state: { user?: { name: string }; field?: string } | null }[] =>
  pen.heard
    .filter((message) => message[0] === MESSAGE.AWARENESS)
    .flatMap((message) => {
      const decoder = decoding.createDecoder(message.subarray(1));
      const inner = decoding.createDecoder(decoding.readVarUint8Array(decoder));
      return Array.from({ length: decoding.readVarUint(inner) }, () => {
        const client = decoding.readVarUint(inner);
        decoding.readVarUint(inner);
        return { client, state: JSON.parse(decoding.readVarString(inner)) as never };
      });
    });
