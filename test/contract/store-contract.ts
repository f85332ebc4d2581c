import { describe } from 'vitest';
import type { MakeDatabase } from './suite/kinds.ts';
import { documentContract } from './suite/documents.ts';
import { filesContract } from './suite/files.ts';
import { journalContract } from './suite/journal.ts';
import { logContract } from './suite/log.ts';
import { migrationContract } from './suite/migrations.ts';
import { programContract } from './suite/programs.ts';
import { queryContract } from './suite/queries.ts';
import { tailContract } from './suite/tail.ts';
import { transactionContract } from './suite/transactions.ts';

/**
 * What any store behind the port must do. Each suite makes a database of its own and destroys it.
 *
 * @param programs how many random programs to compare with the model
 */
export function storeContract(name: string, makeDatabase: MakeDatabase, { programs }: { programs: number }): void {
  describe(`${name} keeps the contract of a store`, () => {
    documentContract(makeDatabase);
    queryContract(makeDatabase);
    transactionContract(makeDatabase);
    journalContract(makeDatabase);
    logContract(makeDatabase);
    filesContract(makeDatabase);
    tailContract(makeDatabase);
    migrationContract(makeDatabase);
    programContract(makeDatabase, programs);
  });
}
