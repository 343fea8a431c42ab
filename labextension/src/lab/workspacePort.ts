/** A cell of the notebook in front. */
export interface NotebookCell {
  id: string;
  /** Position in the notebook, from 0. */
  index: number;
  type: 'code' | 'markdown' | 'raw';
  source: string;
  /** What stands beside it as `[12]`; null if it did not run. */
  count: number | null;
  /** Its text outputs, shortened. */
  output: string;
  /** Its error, if the last run of it ended in one. */
  error: string;
  language: string;
}

/** What the panel needs of files and cells; `lab/workspace.ts` is JupyterLab's. */
export interface WorkspacePort {
  /** Give files of the server below a folder, by the beginning of their path. */
  listFiles(prefix: string): Promise<string[]>;
  readFile(path: string): Promise<Blob>;
  /** Give the cells of the notebook in front. */
  cells(): NotebookCell[];
  /** Give the selected one. */
  activeCell(): NotebookCell | null;
}
