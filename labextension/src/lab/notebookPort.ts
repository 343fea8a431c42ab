import { Observed } from '../base/observable';

/** The notebook that a person works in. */
export interface OpenNotebook {
  /** Path below the server's root. */
  path: string;
  /** Its file name. */
  name: string;
  /** Its kernel; null as long as there is none. */
  kernelId: string | null;
  /** The kernel's language. */
  language: string;
}

/** What the panel needs to know of open notebooks; `lab/notebooks.ts` is JupyterLab's. */
export interface NotebookPort extends Observed {
  /** The notebook that is in front, or was last. */
  readonly current: OpenNotebook | null;
}
