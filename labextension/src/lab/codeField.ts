import { EditorState, Extension, RangeSet, StateField } from '@codemirror/state';
import {
  BlockInfo,
  Decoration,
  DecorationSet,
  EditorView,
  ViewUpdate,
  WidgetType
} from '@codemirror/view';
import { CodeEditor, IEditorServices } from '@jupyterlab/codeeditor';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { CodeField, CodeFieldFactory, LineNote } from '../base/codeField';
import { LineInView, Reading } from '../panels/approval/reading';

/** Return a factory of code fields that are JupyterLab's own editor. */
export function labCodeFields(services: IEditorServices): CodeFieldFactory {
  return options => new LabCodeField(services, options);
}

/** JupyterLab's editor, which knows what of its code was in view. */
class LabCodeField implements CodeField {
  constructor(
    services: IEditorServices,
    private _options: CodeField.IOptions
  ) {
    const { host, text, language, label, notes } = _options;
    const mimeType = services.mimeTypeService.getMimeTypeByLanguage({
      name: language,
      version: ''
    });
    this._model = new CodeEditor.Model({ mimeType });
    this._model.sharedModel.setSource(text);
    this._reading = new Reading(text.split('\n').length);
    this._editor = services.factoryService.newInlineEditor({
      host,
      model: this._model,
      config: { lineNumbers: true, lineWrap: false },
      extensions: [
        EditorView.contentAttributes.of({ 'aria-label': label }),
        noteLines(notes),
        EditorView.updateListener.of(update => this._onUpdate(update))
      ]
    }) as CodeMirrorEditor;
    this._view.scrollDOM.addEventListener('scroll', this._look, { passive: true });
    host.addEventListener('keydown', letTabLeave, true);
    this._resized.observe(host);
    this._look();
  }

  get isDisposed(): boolean {
    return this._editor.isDisposed;
  }

  showUnread(): void {
    const next = this._reading.first();
    if (next === null) {
      return;
    }
    const view = this._view;
    const block = view.lineBlockAt(view.state.doc.line(next.line + 1).from);
    const on = next.reach > 0 ? Math.max(next.reach - OVERLAP, 0) : 0;
    if (view.lineWrapping) {
      view.scrollDOM.scrollTo({ top: block.top + on });
    } else {
      // A line that was seen in part stays where it is.
      view.scrollDOM.scrollTo({ left: on, ...(on > 0 ? {} : { top: block.top }) });
    }
  }

  wrap(lines: boolean): void {
    this._editor.setOption('lineWrap', lines);
    this._reading.restart();
    this._look();
  }

  lock(locked: boolean): void {
    this._editor.setOption('readOnly', locked);
  }

  dispose(): void {
    this._resized.disconnect();
    this._options.host.removeEventListener('keydown', letTabLeave, true);
    this._editor.dispose();
    this._model.dispose();
  }

  private get _view(): EditorView {
    return this._editor.editor;
  }

  private _onUpdate(update: ViewUpdate): void {
    if (update.docChanged) {
      update.changes.iterChangedRanges((fromA, toA, fromB, toB) => {
        const before = update.startState.doc;
        const after = update.state.doc;
        const from = before.lineAt(fromA).number - 1;
        const count = after.lineAt(toB).number - after.lineAt(fromB).number + 1;
        this._reading.replace(from, before.lineAt(toA).number, count);
      });
      this._options.onChange(update.state.doc.toString());
    }
    if (update.docChanged || update.geometryChanged || update.viewportChanged) {
      this._look();
    }
  }

  /** Note what is in view, once the browser has laid it out. */
  private _look = (): void => {
    this._view.requestMeasure({
      key: this,
      read: view => {
        const lines = inView(view);
        this._reading.see(lines);
        return this._reading.unread(lines);
      },
      write: unread => this._options.onUnread(unread)
    });
  };

  private _model: CodeEditor.Model;
  private _editor: CodeMirrorEditor;
  private _reading: Reading;
  private _resized = new ResizeObserver(this._look);
}

/** Pixels of a line that stay in view when it is scrolled on. */
const OVERLAP = 40;
/** Pixels that a line may be cut by rounding. */
const CUT = 2;

/** Return what is in view of each line; nothing as long as the editor is not laid out. */
function inView(view: EditorView): LineInView[] {
  const box = view.scrollDOM.getBoundingClientRect();
  if (box.width === 0) {
    return [];
  }
  const bar = view.scrollDOM.offsetHeight - view.scrollDOM.clientHeight;
  const top = Math.max(box.top, 0) - view.documentTop - CUT;
  const bottom =
    Math.min(box.bottom - bar, window.innerHeight) - view.documentTop + CUT;
  const blocks = view.viewportLineBlocks.filter(
    each => each.bottom > top && each.top < bottom
  );
  if (view.lineWrapping) {
    return blocks.map(each => ({
      line: view.state.doc.lineAt(each.from).number - 1,
      from: Math.max(top - each.top, 0),
      to: bottom - each.top,
      size: each.height
    }));
  }
  const whole = blocks.filter(each => each.top >= top && each.bottom <= bottom);
  return whole.map(each => acrossLine(view, each, box));
}

/** Return what is in view of a line that is not wrapped. */
function acrossLine(view: EditorView, block: BlockInfo, box: DOMRect): LineInView {
  const line = view.state.doc.lineAt(block.from);
  const gutter = view.dom.querySelector<HTMLElement>('.cm-gutters')?.offsetWidth ?? 0;
  const start = view.coordsAtPos(line.from)?.left ?? box.left + gutter;
  const end = view.coordsAtPos(line.to)?.right ?? Infinity;
  return {
    line: line.number - 1,
    from: box.left + gutter - start,
    to: box.right - start,
    size: end - start
  };
}

/** Let Tab leave the field, as it leaves every other field of the panel. */
function letTabLeave(event: KeyboardEvent): void {
  if (event.key === 'Tab') {
    event.stopPropagation();
  }
}

/** Return an extension that shows notes above their lines, and moves them with the lines. */
function noteLines(notes: LineNote[]): Extension {
  return StateField.define<DecorationSet>({
    create: state => noteWidgets(state, notes),
    update: (widgets, transaction) => widgets.map(transaction.changes),
    provide: field => EditorView.decorations.from(field)
  });
}

function noteWidgets(state: EditorState, notes: LineNote[]): DecorationSet {
  const { doc } = state;
  const placed = notes
    .filter(note => note.line <= doc.lines)
    .map(note => {
      const widget = new NoteWidget(note.text);
      return Decoration.widget({ widget, block: true, side: -1 }).range(
        doc.line(note.line).from
      );
    });
  return RangeSet.of(placed, true);
}

/** A note above its line. */
class NoteWidget extends WidgetType {
  constructor(private _text: string) {
    super();
  }

  override eq(other: NoteWidget): boolean {
    return other._text === this._text;
  }

  toDOM(): HTMLElement {
    const node = document.createElement('div');
    node.className = 'jp-Assistants-lineNote';
    node.textContent = this._text;
    return node;
  }
}
