import type { SuggestionOptions, SuggestionProps } from '@tiptap/suggestion';
import { foldText } from '#lib/domain/text/fold.ts';
import type { Mentionable } from './extensions.ts';

const MOST = 8;
/** Height of the longest list, px. */
const ROOM = 280;

/** The list under an `@` that is being written: who fits, who is chosen, where it stands. */
export class Mentions {
  open = $state(false);
  items = $state.raw<readonly Mentionable[]>([]);
  chosen = $state(0);
  left = $state(0);
  top = $state(0);
  /** Stands above the caret: there is no room below. */
  above = $state(false);
  /** Closed by hand: it stays closed for this `@`. */
  #dismissed = false;
  #take: ((item: Mentionable) => void) | null = null;
  readonly #members: () => readonly Mentionable[];
  readonly #things: ((query: string) => readonly Mentionable[] | Promise<readonly Mentionable[]>) | null;

  /** @param things invoices and accounts, after a `#`; none when left out */
  constructor(
    members: () => readonly Mentionable[],
    things: ((query: string) => readonly Mentionable[] | Promise<readonly Mentionable[]>) | null = null,
  ) {
    this.#members = members;
    this.#things = things;
  }

  /** For the editor's mention extension. */
  suggestions(frame: () => HTMLElement | null): Partial<SuggestionOptions<Mentionable>>[] {
    const things = this.#things;
    const people = this.#suggestion('@', (query) => this.matching(query), frame);
    return things === null
      ? [people]
      : [people, this.#suggestion('#', async (query) => [...(await things(query))].slice(0, MOST), frame)];
  }

  #suggestion(
    char: string,
    find: (query: string) => Mentionable[] | Promise<Mentionable[]>,
    frame: () => HTMLElement | null,
  ): Partial<SuggestionOptions<Mentionable>> {
    const show = (props: SuggestionProps<Mentionable>): void => {
      if (this.#dismissed) return;
      const rect = props.clientRect?.();
      const around = frame()?.getBoundingClientRect();
      if (rect && around) {
        this.left = Math.max(0, Math.min(rect.left - around.left, around.width - 240));
        this.above = rect.bottom + ROOM > innerHeight && rect.top > ROOM;
        this.top = this.above ? rect.top - around.top - 4 : rect.bottom - around.top + 4;
      }
      this.items = props.items;
      this.chosen = Math.min(this.chosen, Math.max(0, props.items.length - 1));
      this.#take = (item) => props.command({ kind: item.kind ?? 'member', id: item.id, label: item.name } as never);
      this.open = true;
    };
    return {
      char,
      items: ({ query }) => find(query),
      render: () => ({
        onStart: (props) => {
          this.chosen = 0;
          this.#dismissed = false;
          show(props);
        },
        onUpdate: show,
        onKeyDown: ({ event }) => this.#key(event),
        onExit: () => this.close(),
      }),
    };
  }

  matching(query: string): Mentionable[] {
    const wanted = foldText(query);
    return this.#members()
      .filter(
        ({ name }) =>
          foldText(name)
            .split(/[\s-]+/)
            .some((word) => word.startsWith(wanted)) || foldText(name).startsWith(wanted),
      )
      .slice(0, MOST);
  }

  take(item: Mentionable): void {
    this.#take?.(item);
    this.close();
  }

  close(): void {
    this.open = false;
    this.#take = null;
  }

  #key(event: KeyboardEvent): boolean {
    const count = this.items.length;
    if (event.key === 'Escape' && this.open) {
      this.#dismissed = true;
      this.close();
      return true;
    }
    if (!this.open || count === 0) return false;
    if (event.key === 'ArrowDown') this.chosen = (this.chosen + 1) % count;
    else if (event.key === 'ArrowUp') this.chosen = (this.chosen + count - 1) % count;
    else if (event.key === 'Enter' || event.key === 'Tab') {
      const item = this.items[this.chosen];
      if (item !== undefined) this.take(item);
    } else return false;
    return true;
  }
}
