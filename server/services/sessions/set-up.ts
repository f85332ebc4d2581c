import type { SetUpInput } from '#lib/protocol/commands/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { hashPassword } from '../../auth/passwords.ts';
import { digestOf, newCode, sameSecret } from '../../auth/secrets.ts';
import { throttleOf } from '../../auth/throttle.ts';
import { setUpCodes, workspaces } from '../../store/kinds/installation.ts';
import { VersionConflict, type Docs } from '../../store/port.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { insertMember, insertWorkspace } from '../members/create-workspace.ts';
import { enter, type SignedIn, type Visitor } from './enter.ts';

const ID = 'set-up';

/** True while the installation holds no workspace. */
export const needsSetUp = (app: App): Promise<boolean> => isEmpty(app.store.installation.docs(workspaces));

const isEmpty = async (docs: Docs<Workspace>): Promise<boolean> => (await docs.count({}, { upTo: 1 })) === 0;

/**
 * At the server's start: makes the one-time set-up code if there is no workspace yet. Only its digest is stored; the newest
 * code counts, so that a node started later, or a restart, prints one that works.
 *
 * @returns the code to print in the log; null when there is nothing to set up
 */
export async function prepareSetUp(app: App): Promise<string | null> {
  if (!(await needsSetUp(app))) return null;
  const code = newCode();
  await app.store.installation.transaction(async (tx) => {
    const known = await tx.docs(setUpCodes).get(ID);
    if (known === null) await tx.docs(setUpCodes).insert({ id: ID, version: 1, digest: digestOf(plain(code)) });
    else await tx.docs(setUpCodes).replace({ ...known, digest: digestOf(plain(code)) });
  });
  return code;
}

/** As it may be typed: without its hyphens, in any case. */
const plain = (code: string): string => code.replace(/[\s-]/g, '').toUpperCase();

/**
 * Makes the first workspace and its manager, and signs them in. The code works once.
 *
 * @throws AppError set_up_done; validation_failed at `code`; too_many_requests after too many wrong codes from one address
 */
export async function setUp(app: App, input: SetUpInput, visitor: Visitor): Promise<SignedIn> {
  const { installation } = app.store;
  if (!(await needsSetUp(app))) throw new AppError('set_up_done');
  const attempt = { email: ID, ip: visitor.ip, device: null };
  await throttleOf(app).take(attempt);
  const known = await installation.docs(setUpCodes).get(ID);
  const digest = digestOf(plain(input.code));
  if (known === null || !sameSecret(known.digest, digest))
    throw new AppError('validation_failed', { issues: [{ path: 'code', reason: 'wrong_code' }] });
  await throttleOf(app).succeeded(attempt);
  const passwordHash = await hashPassword(input.password);
  try {
    const member = await installation.transaction(async (tx) => {
      const code = await tx.docs(setUpCodes).get(ID);
      if (code === null || code.digest !== digest || !(await isEmpty(tx.docs(workspaces))))
        throw new AppError('set_up_done');
      await tx.docs(setUpCodes).remove(ID, code.version);
      const workspace = await insertWorkspace(tx, app, { name: input.workspaceName });
      const moment = { at: workspace.createdAt, today: app.clock.today(workspace.timeZone) };
      const { email, name, locale } = input;
      return insertMember(tx, moment, workspace.id, { email, name, locale, role: 'manager' }, passwordHash);
    });
    return await enter(app, member, visitor);
  } catch (error) {
    if (error instanceof VersionConflict) throw new AppError('set_up_done');
    throw error;
  }
}
