import * as encoding from 'lib0/encoding';
import { MESSAGE, SYNC_STEP } from '#lib/protocol/collab.ts';
import { frameFor, headerBytes, OPCODE } from '../websocket-frame.ts';

/** A whole binary WebSocket frame, made once and written as it is to every socket that needs it. */
export function frameOf(payload: Uint8Array): Buffer {
  const frame = frameFor(OPCODE.BINARY, payload.length);
  frame.set(payload, headerBytes(payload.length));
  return frame;
}

/** The payload within a frame of `frameOf`. */
export const payloadOf = (frame: Buffer): Buffer => {
  const first = frame[1] ?? 0;
  return frame.subarray(first < 126 ? 2 : first === 126 ? 4 : 10);
};

/** `[SYNC, step, length, body]`. */
export function syncMessage(step: number, body: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, MESSAGE.SYNC);
  encoding.writeUint8(encoder, step);
  encoding.writeVarUint8Array(encoder, body);
  return encoding.toUint8Array(encoder);
}

/** `[type, number]`: an acknowledgement or a mode. */
export function numberMessage(type: number, value: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, type);
  encoding.writeVarUint(encoder, value);
  return encoding.toUint8Array(encoder);
}

/** The same update under another step: what a client answered as its difference reaches the others as an update. */
export function withStep(message: Uint8Array, step: number): Uint8Array {
  if (message[1] === step) return message;
  // Not `message.slice()`: a Buffer's is a view, and the step of what is kept would change too.
  const copy = new Uint8Array(message);
  copy[1] = step;
  return copy;
}

export const updateMessage = (update: Uint8Array): Uint8Array => syncMessage(SYNC_STEP.UPDATE, update);
