import type { ParseArgsConfig } from 'node:util';

export interface Usage {
  line: string;
  summary: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** Words of each option and of what stands without a dash. */
  words: readonly (readonly [string, string])[];
  /** Name under which the argument without a dash is handed on. */
  positional: string | null;
}

const workspace = ['--workspace NAME', 'name or id; left out when there is only one'] as const;
const string = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

export const USAGES: { [name: string]: Usage } = {
  'create-workspace': {
    line: 'create-workspace --name NAME [--currency EUR] [--time-zone Europe/Paris]',
    summary: 'Makes a workspace, and prints its id.',
    options: { name: string, currency: string, 'time-zone': string },
    words: [['--name NAME', 'name of the company']],
    positional: null,
  },
  'create-member': {
    line: 'create-member --email ADDRESS --name NAME --role ROLE [--scope all] [--ledger-code CODE] [--workspace NAME]',
    summary: 'Makes a member, and prints its id. The password is asked for, or read from standard input.',
    options: {
      email: string,
      name: string,
      role: string,
      scope: string,
      'ledger-code': string,
      language: string,
      workspace: string,
    },
    words: [
      ['--role ROLE', 'collector, sales, quality, adv, logistics, accounting, manager, finance or admin'],
      ['--scope SCOPE', 'all, portfolio or department'],
      ['--ledger-code CODE', 'how the ledger calls this person'],
      ['--language fr|en', 'of the screens'],
      workspace,
    ],
    positional: null,
  },
  import: {
    line: 'import FILE [--as-of DAY] [--mapping FILE] [--dry-run] [--exclude-refused] [--confirm-older] [--workspace NAME]',
    summary: 'Imports a ledger file: dry run first, then applied unless lines are refused.',
    options: {
      'as-of': string,
      mapping: string,
      'dry-run': flag,
      'exclude-refused': flag,
      'confirm-older': flag,
      workspace: string,
    },
    words: [
      ['--as-of DAY', 'day of the ledger, today when left out'],
      ['--mapping FILE', 'how to read it, as JSON; detected when left out'],
      ['--dry-run', 'report only'],
      ['--exclude-refused', 'apply without the refused lines'],
      ['--confirm-older', 'apply though the ledger has a later day'],
      workspace,
    ],
    positional: 'file',
  },
  backup: {
    line: 'backup FILE',
    summary: 'Writes a consistent copy of the embedded store while work goes on, and its files to FILE.files.',
    options: {},
    words: [],
    positional: 'file',
  },
  restore: {
    line: 'restore FILE',
    summary:
      'Puts a backup, and FILE.files beside it, in place of the data. The server must be stopped; what was there is kept.',
    options: {},
    words: [],
    positional: 'file',
  },
  migrate: {
    line: 'migrate',
    summary: 'Brings the stored data to the shape of this version.',
    options: {},
    words: [],
    positional: null,
  },
  verify: {
    line: 'verify [--anchor FILE]',
    summary: 'Recomputes the chains of the journal. Exit code 2 when a row is wrong; the row is named.',
    options: { anchor: string },
    words: [['--anchor FILE', 'heads of the last time, compared and then renewed: finds events cut off the end']],
    positional: null,
  },
};

export function helpOf(name: string | null): string {
  const usage = name === null ? undefined : USAGES[name];
  if (usage === undefined) {
    const lines = Object.entries(USAGES).map(([one, { summary }]) => `  ${one.padEnd(18)} ${summary}`);
    return `Usage: encours COMMAND [options]\n\n${lines.join('\n')}\n\nencours COMMAND --help tells more. Works while the server runs.`;
  }
  const words = usage.words.map(([option, said]) => `  ${option.padEnd(20)} ${said}`);
  return `Usage: encours ${usage.line}\n\n${usage.summary}${words.length > 0 ? `\n\n${words.join('\n')}` : ''}`;
}
