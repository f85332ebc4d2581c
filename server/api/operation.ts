import type { GenericSchema, InferOutput } from 'valibot';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Action } from '#lib/policies/actions.ts';
import type { App } from '../app.ts';
import type { CommandMeta } from '../services/command.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One thing that can be asked of Encours: pages, forms and /api/v1 all go through it. */
export interface Operation {
  /** `case.claim`: the command's name, or the query's. */
  id: string;
  method: Method;
  /** Below /api/v1, with `{id}` for path parameters. */
  path: string;
  /** One sentence for the OpenAPI document. */
  summary: string;
  /** What the actor must be allowed to do at all; null where the service judges alone. */
  action: Action | null;
  input: GenericSchema;
  /** A command takes Idempotency-Key, and If-Match when `versioned`. */
  command: boolean;
  versioned: boolean;
  /** Status of success. */
  status: 200 | 201 | 202 | 204;
  run(app: App, actor: Actor, input: unknown, meta: CommandMeta): Promise<unknown>;
}

interface Declaration<S extends GenericSchema> {
  id: string;
  method: Method;
  path: string;
  summary: string;
  action: Action | null;
  input: S;
  versioned?: boolean;
  status?: 200 | 201 | 202 | 204;
}

/** Declares a query. */
export function query<S extends GenericSchema>(
  declaration: Omit<Declaration<S>, 'method' | 'versioned' | 'status'>,
  run: (app: App, actor: Actor, input: InferOutput<S>) => Promise<unknown>,
): Operation {
  return {
    ...declaration,
    method: 'GET',
    command: false,
    versioned: false,
    status: 200,
    run: (app, actor, input) => run(app, actor, input as InferOutput<S>),
  };
}

/** Declares a command. */
export function command<S extends GenericSchema>(
  declaration: Declaration<S>,
  run: (app: App, actor: Actor, input: InferOutput<S>, meta: CommandMeta) => Promise<unknown>,
): Operation {
  return {
    status: 200,
    versioned: false,
    ...declaration,
    command: true,
    run: (app, actor, input, meta) => run(app, actor, input as InferOutput<S>, meta),
  };
}
