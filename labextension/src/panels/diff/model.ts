/** One line of a difference between two texts. */
export interface DiffLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

const MOST_CELLS = 4_000_000;

/** Give the lines of both texts, and which are new or gone. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before === '' ? [] : before.split('\n');
  const b = after === '' ? [] : after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < Math.min(a.length, b.length) - head &&
    a.at(-1 - tail) === b.at(-1 - tail)
  ) {
    tail += 1;
  }
  const middle = changed(
    a.slice(head, a.length - tail),
    b.slice(head, b.length - tail)
  );
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle,
    ...a.slice(a.length - tail).map(same)
  ];
}

function changed(a: string[], b: string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text });
  const added = (text: string): DiffLine => ({ kind: 'added', text });
  if (a.length * b.length > MOST_CELLS) {
    return [...a.map(removed), ...b.map(added)];
  }
  const common = commonLengths(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] });
      i += 1;
      j += 1;
    } else if (common[i + 1][j] >= common[i][j + 1]) {
      lines.push(removed(a[i++]));
    } else {
      lines.push(added(b[j++]));
    }
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** Give the length of the longest common part behind each pair of places. */
function commonLengths(a: string[], b: string[]): Uint32Array[] {
  const rows = Array.from(
    { length: a.length + 1 },
    () => new Uint32Array(b.length + 1)
  );
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      rows[i][j] =
        a[i] === b[j]
          ? rows[i + 1][j + 1] + 1
          : Math.max(rows[i + 1][j], rows[i][j + 1]);
    }
  }
  return rows;
}
