import { Unread } from '../../base/codeField';

/**
 * The part of a line that is in view, in pixels along the direction in which one reads on: down
 * where long lines are wrapped, else to the right.
 */
export interface LineInView {
  /** Counted from 0. */
  line: number;
  from: number;
  to: number;
  /** Of the whole line. */
  size: number;
}

/** Pixels that a rounded size may miss. */
const ROUNDING = 2;
/** The reach of a line that was whole in view. */
const DONE = Number.POSITIVE_INFINITY;

/**
 * What a person has had in view of a text of many lines.
 *
 * A line counts once it was in view from its beginning to its end, be it in several steps. So
 * nothing far below or far to the right escapes whoever approves code.
 */
export class Reading {
  constructor(lines: number) {
    this._reach = new Array<number>(lines).fill(0);
    this._left = lines;
  }

  /** Number of lines of which some part was not in view. */
  get left(): number {
    return this._left;
  }

  /** Note what is in view now. */
  see(lines: readonly LineInView[]): void {
    for (const { line, from, to, size } of lines) {
      const reach = this._reach[line];
      if (reach < DONE && from <= reach + ROUNDING) {
        const now = Math.max(reach, to);
        const done = now + ROUNDING >= size;
        this._reach[line] = done ? DONE : now;
        this._left -= done ? 1 : 0;
      }
    }
  }

  /** Return what is left while these lines are in view. */
  unread(inView: readonly LineInView[]): Unread {
    const cut = inView.filter(each => this._reach[each.line] < DONE).length;
    return { lines: this._left, cut };
  }

  /** Return the first line that was not whole in view, and how far it was; null if all were. */
  first(): { line: number; reach: number } | null {
    const line = this._reach.findIndex(each => each < DONE);
    return line < 0 ? null : { line, reach: this._reach[line] };
  }

  /** Replace lines: those from `from` to `to` (exclusive) became `count` lines, not in view yet. */
  replace(from: number, to: number, count: number): void {
    const fresh = new Array<number>(count).fill(0);
    const { _reach: reach } = this;
    this._reach = [...reach.slice(0, from), ...fresh, ...reach.slice(to)];
    this._left = this._reach.reduce((sum, each) => sum + (each < DONE ? 1 : 0), 0);
  }

  /** Begin lines anew that were in view in part: they are laid out otherwise now. */
  restart(): void {
    this._reach = this._reach.map(each => (each < DONE ? 0 : each));
  }

  /** Pixels of each line that were in view, without a gap from its beginning. */
  private _reach: number[];
  private _left: number;
}
