/** Why a whole file cannot be read; the line's own refusals are a matter of the domain's rules. */
export const UNREADABLE = [
  'file_empty',
  'file_compressed',
  'file_spreadsheet',
  'file_pdf',
  'file_binary',
  'file_no_header',
  'open_quote',
  'line_too_long',
  'too_many_columns',
  'too_many_lines',
  'too_many_entities',
  'file_no_lines',
] as const;
export type UnreadableCode = (typeof UNREADABLE)[number];

/** The file as a whole is refused; `line` is where reading stopped, 1 being the header. */
export class UnreadableFile extends Error {
  readonly code: UnreadableCode;
  readonly line: number;
  constructor(code: UnreadableCode, line = 1) {
    super(code);
    this.name = 'UnreadableFile';
    this.code = code;
    this.line = line;
  }
}
