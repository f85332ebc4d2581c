import { getDocument, GlobalWorkerOptions, type PDFDocumentLoadingTask, type PDFDocumentProxy } from 'pdfjs-dist';
import worker from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** Sharp enough on a phone, not more than a canvas may hold. */
const MOST_PIXELS = 8_000_000;

/** A PDF whose pages are drawn one by one; its own scripts, forms and links never run. */
export class PdfPages {
  readonly #task: PDFDocumentLoadingTask;
  readonly #pdf: PDFDocumentProxy;
  private constructor(task: PDFDocumentLoadingTask, pdf: PDFDocumentProxy) {
    this.#task = task;
    this.#pdf = pdf;
  }

  /** @throws Error when it cannot be fetched or read */
  static async open(href: string, signal: AbortSignal): Promise<PdfPages> {
    GlobalWorkerOptions.workerSrc = worker;
    const response = await fetch(href, { signal });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const data = new Uint8Array(await response.arrayBuffer());
    const task = getDocument({ data, enableXfa: false, useWasm: false });
    return new PdfPages(task, await task.promise);
  }

  get count(): number {
    return this.#pdf.numPages;
  }

  /** Draws page `number` (from 1) at a width in CSS px. */
  async draw(number: number, canvas: HTMLCanvasElement, width: number): Promise<void> {
    const page = await this.#pdf.getPage(number);
    const natural = page.getViewport({ scale: 1 });
    const wanted = (width / natural.width) * Math.min(2, devicePixelRatio || 1);
    const most = Math.sqrt(MOST_PIXELS / (natural.width * natural.height));
    const viewport = page.getViewport({ scale: Math.min(wanted, most) });
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    await page.render({ canvas, viewport }).promise;
  }

  close(): void {
    void this.#task.destroy();
  }
}
