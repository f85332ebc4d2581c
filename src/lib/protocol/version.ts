/** Grows when a message changes shape; the client reloads when the server's is another. */
export const PROTOCOL_VERSION = 2;

/** Grows when the editor's schema gains or changes a node; clients with an older one join read-only. */
export const EDITOR_SCHEMA_VERSION = 2;
