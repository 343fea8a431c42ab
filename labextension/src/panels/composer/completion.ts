import type { NotebookCell } from '../../lab/workspacePort';

/** What is being typed that can be completed: `@name`, or `/command` at the beginning. */
export interface Trigger {
  sign: '@' | '/';
  query: string;
  /** Where the sign stands. */
  start: number;
  end: number;
}

/** One thing that can be chosen. */
export interface Suggestion {
  kind: 'variable' | 'file' | 'cell' | 'command';
  /** What is put into the text; commands put nothing. */
  insert: string;
  label: string;
  detail: string;
  /** Of a file its path, of a cell its index, of a command its name. */
  value: string;
}

/** Where suggestions come from. */
export interface SuggestionSource {
  /** What is known at once. */
  ready(): Promise<Suggestion[]>;
  /** What stands in front of it; null while it cannot be said. */
  pending?(): Promise<Suggestion[] | null>;
}

const MOST = 12;
/** Milliseconds until a source that cannot say yet is asked again, and how often it is. */
const AGAIN = 500;
const TURNS = 40;

/**
 * Show what can be chosen, and again once a source that could not say, can.
 *
 * `show` is told whether it is called for the first time, and gives whether anybody
 * still looks.
 */
export async function offer(
  source: SuggestionSource,
  show: (all: Suggestion[], first: boolean) => boolean
): Promise<void> {
  const ask = source.pending ?? (async () => []);
  const [first, ready] = await Promise.all([ask(), source.ready()]);
  let pending = first;
  let looking = show([...(pending ?? []), ...ready], true);
  for (let turn = 0; looking && pending === null && turn < TURNS; turn++) {
    await new Promise(resolve => setTimeout(resolve, AGAIN));
    pending = await ask();
    looking = show([...(pending ?? []), ...ready], false);
  }
}

/** Give what is being typed in front of the caret, or null. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const before = text.slice(0, caret);
  const command = /^\/([\w-]*)$/.exec(before);
  if (command) {
    return { sign: '/', query: command[1], start: 0, end: caret };
  }
  const mention = /(?:^|[\s(])@([^\s@]*)$/.exec(before);
  if (mention) {
    return {
      sign: '@',
      query: mention[1],
      start: caret - mention[1].length - 1,
      end: caret
    };
  }
  return null;
}

/** Give the text with what was chosen in place of what was typed, and where the caret goes. */
export function completed(
  text: string,
  trigger: Trigger,
  insert: string
): { text: string; caret: number } {
  const tail = text.slice(trigger.end);
  const space = insert && !tail.startsWith(' ') ? ' ' : '';
  const head = text.slice(0, trigger.start) + insert + space;
  return { text: head + tail, caret: head.length };
}

/** Give the suggestions for a query, the best first. */
export function matching(all: Suggestion[], query: string): Suggestion[] {
  const wanted = query.toLowerCase().replace(/^(file|cell):/, '');
  const only = /^(file|cell):/.exec(query.toLowerCase())?.[1];
  return all
    .filter(each => !only || each.kind === only)
    .map(each => ({ each, rank: rank(each.label.toLowerCase(), wanted) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ each }) => each);
}

function rank(label: string, query: string): number {
  const at = label.indexOf(query);
  return at < 0 ? -1 : at === 0 ? 0 : 1;
}

/** Give the suggestions that cells are. */
export function cellSuggestions(cells: NotebookCell[]): Suggestion[] {
  return cells
    .filter(cell => cell.source.trim())
    .map(cell => {
      const number = cell.count === null ? `${cell.index + 1}` : `[${cell.count}]`;
      const first = cell.source.trim().split('\n')[0].slice(0, 60);
      return {
        kind: 'cell',
        insert: `@cell:${number}`,
        label: `cell ${number}`,
        detail: first,
        value: String(cell.index)
      };
    });
}

/** Give the suggestions that files are. */
export function fileSuggestions(paths: string[]): Suggestion[] {
  return paths.map(path => ({
    kind: 'file',
    insert: `@file:${path}`,
    label: path.split('/').pop() ?? path,
    detail: path,
    value: path
  }));
}
