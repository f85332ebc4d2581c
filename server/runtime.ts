import type { Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { EinvoiceFileAnswer } from '#lib/protocol/views/einvoice.ts';
import type { App } from './app.ts';
import { answerApi, problemResponse, refusalOf } from './api/http.ts';
import { openApi } from './api/openapi.ts';
import { operationOf } from './api/operations.ts';
import { runOperation } from './api/run.ts';
import { receiveEinvoiceFile } from './api/einvoice-file.ts';
import { receiveAttachment, sendAttachment } from './api/attachment-files.ts';
import { stageFile } from './api/stage-file.ts';
import { announce } from './announce.ts';
import { actorFor, authenticate } from './auth/authenticate.ts';
import { sessionCookieName } from './auth/cookies.ts';
import { openPeople, type People } from './auth/people.ts';
import { systemClock } from './clock.ts';
import { createCollab, COLLAB_PREFIX } from './collab/collab.ts';
import { withDocumentsAtRest } from './collab/documents.ts';
import { readConfig, type Config } from './config.ts';
import { startJobs } from './jobs/jobs.ts';
import { listenForCli } from './cli/listen.ts';
import { createLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createGateway } from './realtime/gateway.ts';
import { realtimeMetrics } from './realtime/metrics.ts';
import { renewLease } from './services/cases/renew-lease.ts';
import { NO_META, type CommandMeta } from './services/command.ts';
import { newId } from './store/id.ts';
import { ALL_KINDS } from './store/kinds/all.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/port.ts';
import { makeDemo } from './seed/make-demo.ts';
import { runtimeSlot } from './slot.ts';
import { dispatchUpgrades } from './upgrades.ts';
import { VERSION } from './version.ts';
import { workspaceCache } from './workspace-cache.ts';

/** The one instance that pages, API, real time and co-writing share. Routes know its type only. */
export interface Runtime {
  /** Names this instance: the same wherever it is asked. */
  readonly instance: string;
  readonly version: string;
  readonly app: App;
  readonly metrics: Metrics;
  readonly people: People;
  /** Runs an operation by name, as /api/v1 would. @throws AppError */
  run(actor: Actor, id: string, input: unknown, meta?: CommandMeta): Promise<unknown>;
  /** Answers a request below /api/v1. */
  answer(actor: Actor, request: Request, path: string, requestId: string): Promise<Response>;
  /** Stages a ledger file from a raw body. @throws AppError */
  stageImport(
    actor: Actor,
    given: Record<string, string>,
    bytes: AsyncIterable<Uint8Array>,
    idempotencyKey: string | null,
  ): Promise<ImportRun>;
  /** Takes in a file for a dispute's thread from a raw body. @throws AppError */
  receiveAttachment(
    actor: Actor,
    given: Record<string, string>,
    bytes: AsyncIterable<Uint8Array>,
    idempotencyKey: string | null,
  ): Promise<Attachment>;
  /** Takes in a file of an e-invoice or of a status from a raw body. @throws AppError */
  receiveEinvoice(
    actor: Actor,
    given: Record<string, string>,
    bytes: AsyncIterable<Uint8Array>,
    options: { idempotencyKey: string | null; only: 'status' | null },
  ): Promise<EinvoiceFileAnswer>;
  /** A file's bytes, to save or to preview. @throws AppError */
  sendAttachment(actor: Actor, id: string, options: { preview: boolean }): Promise<Response>;
  problem(error: unknown, requestId: string): Response;
  refusal: typeof refusalOf;
  openApi(): unknown;
  attach(server: Server, options: { shared: boolean }): void;
  /** Says where it listens and, in a demo, what to try first. */
  announce(address: string): Promise<void>;
  close(): Promise<void>;
}

const DAY_WAIT_MS = 10_000;

/** The store; at the first start, where a demo is wanted, with the demo in it. */
async function openWithDemo(config: Config, log: App['log']): Promise<Store> {
  const store = await openStore(config, ALL_KINDS, log);
  if (!config.demo || (await store.schema.workspaces()).length > 0) return store;
  await store.close();
  await makeDemo(config, log);
  return openStore(config, ALL_KINDS, log);
}

async function build(config: Config): Promise<Runtime> {
  const log = createLog(config.logLevel);
  const store = await openWithDemo(config, log);
  const cache = workspaceCache(store);
  const clock = systemClock(config.fixedToday);
  const app = withDocumentsAtRest({ config, store, log, clock, workspace: cache.read });
  const metrics = createMetrics();
  const people = openPeople(app);
  const jobs = startJobs(app);
  // Whoever comes in finds today's figures, unless there are so many accounts that waiting would be worse.
  await Promise.race([jobs.day, setTimeout(DAY_WAIT_MS, undefined, { ref: false })]);
  const stopCli = await listenForCli(app);
  const instance = newId();
  const gateway = createGateway(app, {
    instance,
    authenticate,
    actorFor,
    renewLease,
    metrics: realtimeMetrics(metrics.registry),
  });
  const collab = createCollab(app, { instance });
  app.live = collab.live;
  const owners = [
    { prefix: '/socket.io/', handle: gateway.handleUpgrade },
    { prefix: COLLAB_PREFIX, handle: collab.handleUpgrade },
  ];
  const detach: (() => void)[] = [];
  return {
    instance,
    version: VERSION,
    app,
    metrics,
    people,
    run: (actor, id, input, meta = NO_META) => runOperation(app, actor, operationOf(id), input, meta),
    answer: (actor, request, path, requestId) => answerApi(app, actor, request, path, requestId),
    stageImport: (actor, given, bytes, key) => stageFile(app, actor, given, bytes, key),
    receiveAttachment: (actor, given, bytes, key) => receiveAttachment(app, actor, given, bytes, key),
    receiveEinvoice: (actor, given, bytes, options) => receiveEinvoiceFile(app, actor, given, bytes, options),
    sendAttachment: (actor, id, options) => sendAttachment(app, actor, id, options),
    problem: (error, requestId) => problemResponse(app, error, requestId),
    refusal: refusalOf,
    openApi: () => openApi(VERSION, sessionCookieName(config)),
    attach(server, { shared }) {
      detach.push(dispatchUpgrades(server, owners, shared));
    },
    async announce(address) {
      announce(app, address, { setUpCode: await people.prepareSetUp(), demo: (await people.demoPeople()).length > 0 });
    },
    async close() {
      for (const stop of detach) stop();
      await Promise.all([stopCli(), gateway.close(), collab.close(), jobs.stop()]);
      await store.close();
    },
  };
}

/** The runtime of this process, built when it is first asked for. */
export function openRuntime(): Promise<Runtime> {
  const slot = runtimeSlot();
  slot.runtime ??= build(readConfig(process.env));
  return slot.runtime;
}
