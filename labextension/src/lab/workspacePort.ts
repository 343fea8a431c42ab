/** A cell of the current notebook. */
export interface NotebookCell {
  id: string;
  /** Position in the notebook, from 0. */
  index: number;
  type: 'code' | 'markdown' | 'raw';
  source: string;
  /** Its execution count, shown as `[12]`; null if it did not run. */
  count: number | null;
  /** Its text outputs, shortened. */
  output: string;
  /** Its traceback, if its last execution failed. */
  error: string;
  language: string;
}

/** Files and cells as the panel needs them; `lab/workspace.ts` implements it. */
export interface WorkspacePort {
  /** Return the files in the folder that a path prefix names. */
  listFiles(prefix: string): Promise<string[]>;
  readFile(path: string): Promise<Blob>;
  /** Return the cells of the current notebook. */
  cells(): NotebookCell[];
  /** Return the selected cell. */
  activeCell(): NotebookCell | null;
}
