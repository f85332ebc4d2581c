import { ClientProblem } from '#lib/client/api.ts';
import { sendEinvoice } from '#lib/client/send-einvoice.ts';
import type { EinvoiceFileAnswer } from '#lib/protocol/views/einvoice.ts';

/** A file and what became of it. */
export interface SentFile {
  key: number;
  name: string;
  answer: EinvoiceFileAnswer | null;
  problem: ClientProblem | null;
}

/** Files sent one after another; what is refused does not hold up the others. */
export class FileQueue {
  results = $state.raw<readonly SentFile[]>([]);
  /** The file under way, how much of it is sent, its place among those of this round. */
  sending = $state.raw<{ name: string; share: number } | null>(null);
  done = $state(0);
  total = $state(0);
  #waiting: File[] = [];
  #next = 1;
  readonly #onSettled: () => void;

  /** @param onSettled called when a round of files is through */
  constructor(onSettled: () => void) {
    this.#onSettled = onSettled;
  }

  add(files: Iterable<File>): void {
    const added = [...files];
    this.#waiting.push(...added);
    this.total += added.length;
    if (this.sending === null && added.length > 0) void this.#run();
  }

  clear(): void {
    this.results = [];
  }

  async #run(): Promise<void> {
    for (let file = this.#waiting.shift(); file !== undefined; file = this.#waiting.shift()) {
      const { name } = file;
      this.sending = { name, share: 0 };
      const result = await this.#send(file);
      // The newest on top.
      this.results = [{ key: this.#next++, name, ...result }, ...this.results];
      this.done += 1;
    }
    this.sending = null;
    this.done = 0;
    this.total = 0;
    this.#onSettled();
  }

  async #send(file: File): Promise<Pick<SentFile, 'answer' | 'problem'>> {
    try {
      return {
        answer: await sendEinvoice(file, (share) => (this.sending = { name: file.name, share })),
        problem: null,
      };
    } catch (error) {
      if (error instanceof ClientProblem) return { answer: null, problem: error };
      throw error;
    }
  }
}
