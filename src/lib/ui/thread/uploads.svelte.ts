import { ClientProblem, meantFor, newKey } from '#lib/client/api.ts';
import { ATTACHMENT_BYTES, type Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import type { ErrorDetails, Problem } from '#lib/protocol/errors.ts';

export interface Upload {
  key: string;
  name: string;
  /** Share sent, 0 to 1. */
  share: number;
  /** Why it was not taken; null while under way. */
  failure: { why: 'too_large' | 'empty' | 'type' | 'other'; code: ClientProblem['code']; details: ErrorDetails } | null;
}

/** Files on their way to a thread. */
export class Uploads {
  list = $state.raw<readonly Upload[]>([]);
  readonly #disputeId: Id;
  readonly #audience: Audience;
  readonly #done: (attachment: Attachment) => void;
  readonly #requests = new Map<string, XMLHttpRequest>();

  constructor(disputeId: Id, audience: Audience, done: (attachment: Attachment) => void) {
    this.#disputeId = disputeId;
    this.#audience = audience;
    this.#done = done;
  }

  get busy(): boolean {
    return this.list.some(({ failure }) => failure === null);
  }

  add(files: Iterable<File>): void {
    for (const file of files) this.#send(file);
  }

  /** Cancels one that is under way, or puts its failure away. */
  drop(key: string): void {
    this.#requests.get(key)?.abort();
    this.#requests.delete(key);
    this.list = this.list.filter((one) => one.key !== key);
  }

  stop(): void {
    for (const { key } of this.list) this.drop(key);
  }

  #send(file: File): void {
    const key = newKey();
    const name = file.name === '' ? 'image.png' : file.name.slice(-200);
    this.list = [...this.list, { key, name, share: 0, failure: null }];
    if (file.size > ATTACHMENT_BYTES) return this.#fail(key, 'too_large', new ClientProblem('too_large', 413));
    if (file.size === 0) return this.#fail(key, 'empty', new ClientProblem('validation_failed', 400));
    // `fetch` cannot tell how far it is
    const request = new XMLHttpRequest();
    this.#requests.set(key, request);
    const search = new URLSearchParams({ audience: this.#audience, name });
    request.open('POST', `/api/v1/disputes/${this.#disputeId}/attachments?${search.toString()}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('idempotency-key', key);
    for (const [header, value] of Object.entries(meantFor())) request.setRequestHeader(header, value);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => this.#set(key, { share: total > 0 ? loaded / total : 0 });
    request.onerror = () => this.#fail(key, 'other', new ClientProblem('network', 0));
    request.onload = () => {
      if (request.status < 300) {
        this.#requests.delete(key);
        this.list = this.list.filter((one) => one.key !== key);
        this.#done(request.response as Attachment);
        return;
      }
      const problem = request.response as Problem | null;
      const refusal = new ClientProblem(problem?.code ?? 'internal', request.status, problem?.details ?? {});
      const why =
        refusal.code === 'too_large' ? 'too_large' : refusal.code === 'unsupported_media' ? 'type' : ('other' as const);
      this.#fail(key, why, refusal);
    };
    request.send(file);
  }

  #fail(key: string, why: NonNullable<Upload['failure']>['why'], { code, details }: ClientProblem): void {
    this.#requests.delete(key);
    this.#set(key, { failure: { why, code, details } });
  }
  #set(key: string, change: Partial<Upload>): void {
    this.list = this.list.map((one) => (one.key === key ? { ...one, ...change } : one));
  }
}
