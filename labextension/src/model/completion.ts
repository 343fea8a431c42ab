import type { NotebookCell } from './workspace';

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

const MOST = 12;

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
