import type { EinvoiceFileAnswer } from '#lib/protocol/views/einvoice.ts';
import type { Problem } from '#lib/protocol/errors.ts';
import { ClientProblem, meantFor, newKey } from './api.ts';

/**
 * Sends one file of an e-invoice or of a status as a raw body.
 *
 * @param onProgress share of the file sent, 0 to 1
 * @throws ClientProblem
 */
export function sendEinvoice(file: File, onProgress: (share: number) => void): Promise<EinvoiceFileAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/einvoices?${new URLSearchParams({ name: file.name.slice(-200) }).toString()}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('idempotency-key', newKey());
    for (const [name, value] of Object.entries(meantFor())) request.setRequestHeader(name, value);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new ClientProblem('network', 0));
    request.onload = () => {
      if (request.status < 300 && request.response !== null) resolve(request.response as EinvoiceFileAnswer);
      else {
        const problem = request.response as Problem | null;
        reject(new ClientProblem(problem?.code ?? 'internal', request.status, problem?.details ?? {}));
      }
    };
    request.send(file);
  });
}
