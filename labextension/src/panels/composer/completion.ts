import type { NotebookCell } from '../../lab/workspacePort';

/** Text before the caret that can be completed: `@name`, or `/command` at the start. */
export interface Trigger {
  sign: '@' | '/';
  query: string;
  /** Offset of the sign. */
  start: number;
  end: number;
}

/** One entry of the list of suggestions. */
export interface Suggestion {
  kind: 'variable' | 'file' | 'cell' | 'command';
  /** Text to insert; empty for commands. */
  insert: string;
  label: string;
  detail: string;
  /** A file's path, a cell's index, or a command's name. */
  value: string;
}

/** A source of suggestions. */
export interface SuggestionSource {
  /** Return the suggestions that are known at once. */
  ready(): Promise<Suggestion[]>;
  /** Return suggestions that go first; null while they are not available yet. */
  pending?(): Promise<Suggestion[] | null>;
}

const LIMIT = 12;
/** Milliseconds between two requests to a source that is not ready, and their largest number. */
const RETRY_DELAY = 500;
const RETRIES = 40;

/**
 * Show suggestions, and again when a source that was not ready is.
 *
 * `show` receives whether this is the first call, and returns whether the list is still
 * wanted.
 */
export async function updateSuggestions(
  source: SuggestionSource,
  show: (all: Suggestion[], first: boolean) => boolean
): Promise<void> {
  const ask = source.pending ?? (async () => []);
  const [first, ready] = await Promise.all([ask(), source.ready()]);
  let pending = first;
  let wanted = show([...(pending ?? []), ...ready], true);
  for (let attempt = 0; wanted && pending === null && attempt < RETRIES; attempt++) {
    await new Promise(resolve => setTimeout(resolve, RETRY_DELAY));
    pending = await ask();
    wanted = show([...(pending ?? []), ...ready], false);
  }
}

/** Return the mention or command before the caret, or null. */
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

/** Return the text with the suggestion inserted, and the new caret position. */
export function completeText(
  text: string,
  trigger: Trigger,
  insert: string
): { text: string; caret: number } {
  const tail = text.slice(trigger.end);
  const space = insert && !tail.startsWith(' ') ? ' ' : '';
  const head = text.slice(0, trigger.start) + insert + space;
  return { text: head + tail, caret: head.length };
}

/** Return the suggestions that match a query, best first. */
export function matchingSuggestions(all: Suggestion[], query: string): Suggestion[] {
  const wanted = query.toLowerCase().replace(/^(file|cell):/, '');
  const only = /^(file|cell):/.exec(query.toLowerCase())?.[1];
  return all
    .filter(each => !only || each.kind === only)
    .map(each => ({ each, rank: rank(each.label.toLowerCase(), wanted) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, LIMIT)
    .map(({ each }) => each);
}

function rank(label: string, query: string): number {
  const at = label.indexOf(query);
  return at < 0 ? -1 : at === 0 ? 0 : 1;
}

/** Return cells as suggestions. */
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

/** Return files as suggestions. */
export function fileSuggestions(paths: string[]): Suggestion[] {
  return paths.map(path => ({
    kind: 'file',
    insert: `@file:${path}`,
    label: path.split('/').pop() ?? path,
    detail: path,
    value: path
  }));
}
