/** The shape of the documents that this code reads and writes. Grows by one with each migration. */
export const SCHEMA_VERSION = 2;
