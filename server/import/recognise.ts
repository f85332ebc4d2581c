import { UnreadableFile, type UnreadableCode } from './unreadable.ts';

const SIGNATURES: readonly { bytes: readonly number[]; code: UnreadableCode }[] = [
  { bytes: [0x1f, 0x8b], code: 'file_compressed' },
  { bytes: [0x42, 0x5a, 0x68], code: 'file_compressed' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], code: 'file_compressed' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], code: 'file_compressed' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], code: 'file_compressed' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], code: 'file_spreadsheet' },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], code: 'file_spreadsheet' },
  { bytes: [0x25, 0x50, 0x44, 0x46], code: 'file_pdf' },
];

/**
 * Refuses what is not text before anything is made of it: compressed files (never unpacked: a small one may hold
 * gigabytes), spreadsheets, PDF, and bytes with NUL that are not UTF-16.
 *
 * @param head the file's first bytes, at least 4 when the file has them
 * @param encoding as detected or told; UTF-16 has NUL bytes by nature
 * @throws UnreadableFile
 */
export function refuseForeign(head: Uint8Array, encoding: string): void {
  if (head.length === 0) throw new UnreadableFile('file_empty');
  for (const { bytes, code } of SIGNATURES)
    if (bytes.every((byte, index) => head[index] === byte)) throw new UnreadableFile(code);
  if (!encoding.startsWith('utf-16') && head.includes(0)) throw new UnreadableFile('file_binary');
}
