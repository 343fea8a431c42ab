import { Observed } from '../base/observable';

/** The notebook that a person works in. */
export interface OpenNotebook {
  /** Path below the server's root. */
  path: string;
  /** Its file name. */
  name: string;
  /** Its kernel; null while it has none. */
  kernelId: string | null;
  /** The kernel's language. */
  language: string;
}

/** Open notebooks as the panel needs them; `lab/notebooks.ts` implements it. */
export interface NotebookPort extends Observed {
  /** The current notebook, or the one that was current last. */
  readonly current: OpenNotebook | null;
}
