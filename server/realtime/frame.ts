import type { ServerToClient } from '#lib/protocol/realtime.ts';
import { frameFor, headerBytes, OPCODE } from '../websocket-frame.ts';

/** A message made ready once for all its readers: a whole unmasked WebSocket text frame. */
export type Frame = Buffer;

/** `4`: Engine.IO message; `2`: Socket.IO event of the default namespace. */
const PREFIX = '42';

/** Encodes a server message as the bytes that travel. */
export function encode<N extends keyof ServerToClient>(name: N, ...message: Parameters<ServerToClient[N]>): Frame {
  const text = `${PREFIX}${JSON.stringify([name, ...message])}`;
  const length = Buffer.byteLength(text);
  const frame = frameFor(OPCODE.TEXT, length);
  frame.write(text, headerBytes(length));
  return frame;
}
