import { CodeCell } from '@jupyterlab/cells';
import type { Cell } from '@jupyterlab/cells';
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import { NotebookCell, WorkspacePort } from './workspacePort';
import { LabNotebooks } from './notebooks';

const MOST_OUTPUT = 4000;
const ANSI = /\x1b\[[0-9;]*[A-Za-z]/g;

/** Files from JupyterLab's contents manager, cells from the current notebook. */
export class LabWorkspace implements WorkspacePort {
  constructor(
    private _contents: Contents.IManager,
    private _notebooks: LabNotebooks
  ) {}

  async listFiles(prefix: string): Promise<string[]> {
    const base = PathExt.dirname(this._notebooks.current?.path ?? '');
    const cut = prefix.lastIndexOf('/');
    const folder = cut < 0 ? base : prefix.slice(0, cut);
    const model = await this._contents.get(folder, { content: true }).catch(() => null);
    const entries = (model?.content ?? []) as Contents.IModel[];
    return entries
      .filter(each => each.type !== 'directory' || each.name !== '__pycache__')
      .map(each => (each.type === 'directory' ? `${each.path}/` : each.path));
  }

  async readFile(path: string): Promise<Blob> {
    const model = await this._contents.get(path, {
      content: true,
      format: 'base64',
      type: 'file'
    });
    const bytes = Uint8Array.from(atob(model.content as string), each =>
      each.charCodeAt(0)
    );
    return new Blob([bytes], { type: model.mimetype ?? 'application/octet-stream' });
  }

  cells(): NotebookCell[] {
    const panel = this._notebooks.panel;
    return panel === null
      ? []
      : panel.content.widgets.map((_, index) => this._cell(index)!);
  }

  activeCell(): NotebookCell | null {
    const panel = this._notebooks.panel;
    return panel?.content.activeCell ? this._cell(panel.content.activeCellIndex) : null;
  }

  private _cell(index: number): NotebookCell | null {
    const cell = this._notebooks.panel?.content.widgets[index];
    if (!cell) {
      return null;
    }
    const { output, error } = outputsOf(cell);
    return {
      id: cell.model.id,
      index,
      type: cell.model.type as NotebookCell['type'],
      source: cell.model.sharedModel.getSource(),
      count: cell instanceof CodeCell ? (cell.model.executionCount ?? null) : null,
      output,
      error,
      language: this._notebooks.current?.language ?? 'python'
    };
  }
}

function outputsOf(cell: Cell): { output: string; error: string } {
  if (!(cell instanceof CodeCell)) {
    return { output: '', error: '' };
  }
  let output = '';
  let error = '';
  for (const each of cell.model.outputs.toJSON()) {
    const found = each as Record<string, any>;
    if (found.output_type === 'error') {
      error = (found.traceback ?? []).join('\n') || `${found.ename}: ${found.evalue}`;
    } else {
      output += text(found.text ?? found.data?.['text/plain'] ?? '') + '\n';
    }
  }
  return { output: shortened(output), error: shortened(error) };
}

function text(value: string | string[]): string {
  return Array.isArray(value) ? value.join('') : String(value);
}

function shortened(value: string): string {
  const plain = value.replace(ANSI, '').trim();
  return plain.length <= MOST_OUTPUT
    ? plain
    : `${plain.slice(0, MOST_OUTPUT / 2)}\n…\n${plain.slice(-MOST_OUTPUT / 2)}`;
}
