import { pino, type Logger } from 'pino';

/** Structured logs on standard output. Secrets and personal text never reach it: what is logged is ids, codes and figures. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['*.password', '*.token', '*.cookie', '*.authorization', 'headers', '*.headers'], remove: true },
  });
}
