import type { IDisposable } from '@lumino/disposable';

/** Something to know about one line of code. */
export interface LineNote {
  /** Counted from 1. */
  line: number;
  text: string;
}

/** The parts of the code that were not in view yet. */
export interface Unread {
  /** Lines of which some part was not in view. */
  lines: number;
  /** How many of them are in view now and go on where one cannot see. */
  cut: number;
}

export namespace CodeField {
  export interface IOptions {
    /** The element that the editor fills. */
    host: HTMLElement;
    text: string;
    /** Its language, as kernels name it. */
    language: string;
    /** Name for screen readers. */
    label: string;
    notes: LineNote[];
    onChange(text: string): void;
    /** Called when more of the code has been in view, and after each change. */
    onUnread(unread: Unread): void;
  }
}

/** An editor for code that a person has to read. */
export interface CodeField extends IDisposable {
  /** Scroll to the first part that was not in view yet. */
  showUnread(): void;
  /** Wrap long lines, or let them go on to the right. */
  wrap(lines: boolean): void;
  /** Let nobody change the code any more. */
  lock(locked: boolean): void;
}

/** Creates a code field in an element. */
export type CodeFieldFactory = (options: CodeField.IOptions) => CodeField;
