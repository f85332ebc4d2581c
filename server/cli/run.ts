import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { CliRefusal, COMMANDS } from './commands.ts';
import type { CliArgs, CliResult, OnProgress } from './wire.ts';

/**
 * Does what the `encours` command asks, in the running server or in the command's own process: the same code for both.
 * Refusals are answered with exit code 1 and their words.
 *
 * @throws what is a bug or a failing store
 */
export async function runCliCommand(app: App, name: string, args: CliArgs, onProgress: OnProgress): Promise<CliResult> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return { exitCode: 1, lines: [`There is no command ${name}.`] };
  try {
    return await command(app, args, onProgress);
  } catch (error) {
    if (error instanceof CliRefusal) return { exitCode: 1, lines: [error.message] };
    if (error instanceof AppError) return { exitCode: 1, lines: [refusalLine(error)] };
    throw error;
  }
}

function refusalLine({ code, details }: AppError): string {
  const reasons = details.issues?.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  return `Refused: ${code}${details.rule === undefined ? '' : ` (${details.rule})`}${reasons === undefined ? '' : ` – ${reasons}`}`;
}
