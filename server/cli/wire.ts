/** What the `encours` command and a running server say to each other: one JSON document per line. */
export type CliArgs = { [option: string]: string | boolean | string[] };

export interface CliRequest {
  name: string;
  args: CliArgs;
}

export interface CliProgress {
  phase: string;
  done: number;
  /** 0 when it is not known beforehand. */
  total: number;
}

/** `exitCode` 0: done; 1: refused or failed; 2: `verify` found a wrong row. */
export interface CliResult {
  exitCode: number;
  lines: string[];
}

export type CliMessage = { progress: CliProgress } | { result: CliResult } | { failure: string };

export type OnProgress = (progress: CliProgress) => void;
