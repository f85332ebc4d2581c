import type { Locale } from '#lib/domain/member/member.ts';
import { csvFile, type Cell } from './csv.ts';

/** A file as an answer: streamed, saved under a plain name, never shown as a page. */
export function csvAnswer(
  name: string,
  header: readonly string[],
  lines: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
  locale: Locale,
): Response {
  const file = csvFile(header, lines, locale);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await file.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await file.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name.replaceAll(/[^\w.-]/g, '-')}.csv"`,
      'cache-control': 'private, no-store',
    },
  });
}
