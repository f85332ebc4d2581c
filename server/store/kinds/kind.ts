import type { FieldType, IndexDeclaration, Kind, Versioned } from '../port.ts';

/** Declares a kind of document; see port.ts for what each part means. */
export function kind<T extends Versioned>(declaration: {
  name: string;
  fields: Record<string, FieldType>;
  indexes?: IndexDeclaration[];
  tokenIndexes?: { token: string; fields: string[] }[];
}): Kind<T> {
  return {
    name: declaration.name,
    fields: declaration.fields,
    indexes: declaration.indexes ?? [],
    tokenIndexes: declaration.tokenIndexes ?? [],
  };
}
