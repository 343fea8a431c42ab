import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Cell, CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** One output of a cell. */
export interface CellOutput {
  /** Its text without colour codes. */
  text: string;
  image: Blob | null;
  isError: boolean;
}

const ANSI = /\x1b\[[0-9;]*[A-Za-z]/g;
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Return whether a cell's last execution failed. */
export function hasError(cell: Cell | null | undefined): boolean {
  return (
    cell instanceof CodeCell &&
    cell.model.outputs.toJSON().some(each => each.output_type === 'error')
  );
}

/** Return the selected text of a cell's editor. */
export function selectionOf(cell: Cell | null | undefined): string {
  const editor = cell?.editor;
  if (!editor) {
    return '';
  }
  const { start, end } = editor.getSelection();
  const [from, to] = [editor.getOffsetAt(start), editor.getOffsetAt(end)].sort(
    (one, other) => one - other
  );
  return cell.model.sharedModel.getSource().slice(from, to);
}

/** Return the output that the context menu was opened on. */
export function outputUnderMenu(
  app: JupyterFrontEnd,
  notebook: NotebookPanel | null
): { cell: CodeCell; output: CellOutput } | null {
  const node = app.contextMenuHitTest(each =>
    each.classList.contains('jp-OutputArea-child')
  );
  const cell = notebook?.content.widgets.find(each => node && each.node.contains(node));
  if (!node || !(cell instanceof CodeCell)) {
    return null;
  }
  const index = cell.outputArea.widgets.findIndex(each => each.node === node);
  const json = cell.model.outputs.get(index)?.toJSON();
  return json ? { cell, output: outputOf(json) } : null;
}

/** Return an nbformat output as text or image. */
export function outputOf(json: Record<string, any>): CellOutput {
  if (json.output_type === 'error') {
    const trace = (json.traceback ?? []).join('\n') || `${json.ename}: ${json.evalue}`;
    return { text: plain(trace), image: null, isError: true };
  }
  const data: Record<string, any> = json.data ?? {};
  const mime = IMAGES.find(each => data[each]);
  return {
    text: plain(joined(json.text ?? data['text/plain'] ?? '')),
    image: mime === undefined ? null : blobOf(joined(data[mime]), mime),
    isError: false
  };
}

function blobOf(base64: string, type: string): Blob {
  const bytes = Uint8Array.from(atob(base64.replace(/\s/g, '')), each =>
    each.charCodeAt(0)
  );
  return new Blob([bytes], { type });
}

function joined(text: string | string[]): string {
  return Array.isArray(text) ? text.join('') : String(text);
}

function plain(text: string): string {
  return text.replace(ANSI, '').trim();
}
