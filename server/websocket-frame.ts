const FIN = 0x80;

/** Opcodes of RFC 6455 §5.2. */
export const OPCODE = { TEXT: 1, BINARY: 2 } as const;

/** Bytes of an unmasked WebSocket header for a payload of this length. */
export const headerBytes = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

/**
 * A whole unmasked WebSocket frame with its header written and room for the payload behind it, from `headerBytes(length)`
 * on: made once, and sent as it is to everybody who gets it.
 */
export function frameFor(opcode: number, length: number): Buffer {
  const head = headerBytes(length);
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = FIN | opcode;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return frame;
}
