import { diffLines as changesOf } from 'diff';

/** One line of a difference between two texts. */
export interface DiffLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** Longest search in milliseconds; texts that differ more are shown as one whole replaced by the other. */
const TIMEOUT = 1000;

/** Return the lines of both texts, each marked as kept, removed or added. */
export function diffLines(before: string, after: string): DiffLine[] {
  const options = { timeout: TIMEOUT, newlineIsToken: false };
  const changes = changesOf(closed(before), closed(after), options) ?? [
    { removed: true, added: false, value: closed(before) },
    { removed: false, added: true, value: closed(after) }
  ];
  return changes.flatMap(({ added, removed, value }) =>
    linesOf(value).map(text => ({
      kind: added
        ? ('added' as const)
        : removed
          ? ('removed' as const)
          : ('same' as const),
      text
    }))
  );
}

/** Return the text with a line break at its end, so that its last line compares like the others. */
function closed(text: string): string {
  return text === '' ? '' : `${text}\n`;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.slice(0, -1).split('\n');
}
