import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { PathExt } from '@jupyterlab/coreutils';
import { NotebookPort, OpenNotebook } from './notebookPort';
import { Observable } from '../base/observable';

/** Milliseconds from a change of a kernel's status until views are notified for the first time. */
const FIRST_LOOK = 400;
/** Longest interval in milliseconds; a cell has started its thread long before. */
const LAST_LOOK = 12_800;

/** The current notebook of JupyterLab's tracker. */
export class LabNotebooks extends Observable implements NotebookPort {
  constructor(private _tracker: INotebookTracker) {
    super();
    _tracker.currentChanged.connect(this._onCurrent, this);
    this._onCurrent();
  }

  get current(): OpenNotebook | null {
    const panel = this._panel;
    if (panel === null || panel.isDisposed) {
      return null;
    }
    const session = panel.sessionContext;
    const language = panel.content.codeMimetype.includes('python') ? 'python' : '';
    return {
      path: panel.context.path,
      name: PathExt.basename(panel.context.path),
      kernelId: session.session?.kernel?.id ?? null,
      language: panel.model?.defaultKernelLanguage || language
    };
  }

  /** The widget of {@link current}. */
  get panel(): NotebookPanel | null {
    return this.current === null ? null : this._panel;
  }

  dispose(): void {
    this._tracker.currentChanged.disconnect(this._onCurrent, this);
    this._watch(null);
  }

  private _onCurrent(): void {
    this._watch(this._tracker.currentWidget);
    this.touch();
  }

  private _watch(panel: NotebookPanel | null): void {
    const before = this._panel;
    if (before !== null && !before.isDisposed) {
      before.sessionContext.kernelChanged.disconnect(this.touch, this);
      before.sessionContext.statusChanged.disconnect(this._onStatus, this);
      before.context.pathChanged.disconnect(this.touch, this);
    }
    this._panel = panel;
    if (panel !== null) {
      panel.sessionContext.kernelChanged.connect(this.touch, this);
      panel.sessionContext.statusChanged.connect(this._onStatus, this);
      panel.context.pathChanged.connect(this.touch, this);
    }
  }

  /** Notify views soon: the cell that ran may have started a thread. */
  private _onStatus(): void {
    this._notifyIn(FIRST_LOOK);
  }

  /** Notify views after a delay, and less and less often as long as the kernel is busy. */
  private _notifyIn(delay: number): void {
    clearTimeout(this._soon);
    this._soon = setTimeout(() => {
      this.touch();
      const busy = this._panel?.sessionContext?.session?.kernel?.status === 'busy';
      if (busy && delay < LAST_LOOK) {
        this._notifyIn(2 * delay);
      }
    }, delay);
  }

  private _soon: ReturnType<typeof setTimeout> | undefined;
  private _panel: NotebookPanel | null = null;
}
