import type { ServerToClient } from '#lib/protocol/realtime.ts';

/** A message made ready once for all its readers: a whole unmasked WebSocket text frame. */
export type Frame = Buffer;

/** `4`: Engine.IO message; `2`: Socket.IO event of the default namespace. */
const PREFIX = '42';

/** Encodes a server message as the bytes that travel. */
export function encode<N extends keyof ServerToClient>(name: N, ...message: Parameters<ServerToClient[N]>): Frame {
  const text = `${PREFIX}${JSON.stringify([name, ...message])}`;
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  // FIN and opcode 1 (text), RFC 6455 §5.2
  frame[0] = 0x81;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, head);
  return frame;
}
