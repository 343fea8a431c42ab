/**
 * Splits Markdown into blocks that can be rendered one by one.
 *
 * While text streams in, only the last block changes, so only that one is rendered again.
 * Text is split at blank lines outside of fences and displayed math, and never
 * inside a list, because its items belong together.
 */
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const MATH = /^\s*(\$\$|\\\[)/;
const LIST = /^\s{0,3}([-*+]|\d{1,9}[.)])(\s|$)/;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:\s*\S/;

/** Return the blocks of a text; joined by blank lines they are the text. */
export function blocks(text: string): string[] {
  const cutter = new Cutter();
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    cutter.line(line);
  }
  return cutter.end();
}

class Cutter {
  line(line: string): void {
    if (this._closing !== null) {
      this._lines.push(line);
      if (this._closing(line)) {
        this._closing = null;
      }
      return;
    }
    if (line.trim() === '') {
      this._blank = this._lines.length > 0;
      if (this._blank) {
        this._lines.push(line);
      }
      return;
    }
    if (this._blank && !this._continues(line)) {
      this._cut();
    }
    this._blank = false;
    this._list =
      this._lines.length === 0 ? LIST.test(line) : this._list || LIST.test(line);
    this._lines.push(line);
    this._open(line);
  }

  end(): string[] {
    this._cut();
    return this._blocks;
  }

  private _open(line: string): void {
    const fence = FENCE.exec(
      line.trimStart().length < line.length - 3 ? line.trimStart() : line
    );
    if (fence) {
      const mark = fence[1];
      const end = new RegExp(`^\\s*\\${mark[0]}{${mark.length},}\\s*$`);
      this._closing = each => end.test(each);
    } else if (MATH.test(line)) {
      const close = line.includes('$$') ? '$$' : '\\]';
      const rest = line.trim().slice(2);
      if (!rest.includes(close)) {
        this._closing = each => each.includes(close);
      }
    }
  }

  /** Return whether a line after a blank one continues the block before it. */
  private _continues(line: string): boolean {
    return this._list
      ? /^\s{2,}/.test(line) || LIST.test(line)
      : /^( {4}|\t)/.test(line);
  }

  private _cut(): void {
    const block = this._lines.join('\n').replace(/\s+$/, '');
    if (block) {
      this._blocks.push(block);
    }
    this._lines = [];
    this._list = false;
    this._blank = false;
  }

  private _blocks: string[] = [];
  private _lines: string[] = [];
  private _closing: ((line: string) => boolean) | null = null;
  private _blank = false;
  private _list = false;
}

/** Return the lines that define link labels; blocks that use the labels need them. */
export function definitions(text: string): string {
  return text
    .split('\n')
    .filter(line => DEFINITION.test(line))
    .join('\n');
}
