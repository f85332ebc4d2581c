import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Day } from '#lib/domain/values.ts';
import type { Problem } from '#lib/protocol/errors.ts';
import { ClientProblem, meantFor, newKey } from './api.ts';

/**
 * Sends a ledger file as a raw body; `fetch` cannot tell how far it is, so this is an XMLHttpRequest.
 *
 * @param onProgress share of the file sent, 0 to 1
 * @throws ClientProblem
 */
export function sendLedger(
  file: File,
  asOf: Day,
  onProgress: (share: number) => void,
): Promise<Pick<ImportRun, 'id' | 'state'>> {
  const query = new URLSearchParams({ kind: 'ledger', asOf, fileName: file.name.slice(-200), wait: '0' });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/imports?${query.toString()}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('idempotency-key', newKey());
    for (const [name, value] of Object.entries(meantFor())) request.setRequestHeader(name, value);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new ClientProblem('network', 0));
    request.onload = () => {
      if (request.status < 300) resolve(request.response as ImportRun);
      else {
        const problem = request.response as Problem | null;
        reject(new ClientProblem(problem?.code ?? 'internal', request.status, problem?.details ?? {}));
      }
    };
    request.send(file);
  });
}
