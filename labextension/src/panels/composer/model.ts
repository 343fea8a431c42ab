import { AssistantsClient } from '../../wire/client';
import type { Attachment, CreateMessage } from '../../wire/types';
import { Drafts } from './drafts';
import { Observable } from '../../base/observable';
import { Prompt } from '../chat/model';
import { NotebookCell } from '../../lab/workspacePort';

/** A file, an image or a cell that is sent with a message. */
export interface Attached {
  key: number;
  kind: 'file' | 'image' | 'cell';
  name: string;
  state: 'uploading' | 'ready' | 'failed';
  /** The stored file, once it is uploaded. */
  fileId: string;
  /** A cell's source and output, as the model reads them. */
  text: string;
  error: string;
}

/** Start of the part of a message that quotes a cell; views fold such parts. */
export const CELL_MARK = 'From the notebook, cell ';

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const DOCUMENTS = /\.(pdf|docx?|pptx|md|txt|html?|rst|tex)$/i;

type Draft = {
  text: string;
  attached: Pick<Attached, 'kind' | 'name' | 'fileId' | 'text'>[];
};

/** The message being written and its attachments. Both survive a reload. */
export class ComposerModel extends Observable {
  constructor(
    private _client: AssistantsClient,
    private _drafts: Drafts
  ) {
    super();
  }

  get text(): string {
    return this._text;
  }

  get attached(): readonly Attached[] {
    return this._attached;
  }

  /** Whether there is something to send and all uploads are done. */
  get ready(): boolean {
    const said =
      this._text.trim() !== '' || this._attached.some(each => each.kind === 'cell');
    return said && this._attached.every(each => each.state === 'ready');
  }

  /** Number of requests for the focus so far. */
  get focusRequests(): number {
    return this._focusRequests;
  }

  /** Switch to the draft of a thread. */
  openDraft(thread: string): void {
    if (thread === this._thread) {
      return;
    }
    this._thread = thread;
    const draft = parseDraft(this._drafts.read(thread));
    this._text = draft.text;
    this._attached = draft.attached.map(each => this._new({ ...each, state: 'ready' }));
    this.touch();
  }

  write(text: string): void {
    this._text = text;
    this._store();
  }

  /** Append text that a command proposes, and request the focus. */
  propose(text: string): void {
    if (text) {
      this._text = this._text.trim() ? `${this._text.trimEnd()}\n${text}` : text;
    }
    this._focusRequests += 1;
    this._store();
  }

  /** Upload a file. Images are uploaded for vision. */
  async attach(content: Blob, name: string): Promise<void> {
    const kind = IMAGES.has(content.type) ? 'image' : 'file';
    const attached = this._new({ kind, name, state: 'uploading' });
    this._attached = [...this._attached, attached];
    this._store();
    try {
      const purpose = kind === 'image' ? 'vision' : 'assistants';
      const file = await this._client.createFile(content, name, purpose);
      this._change(attached.key, { state: 'ready', fileId: file.id });
    } catch (error) {
      this._change(attached.key, { state: 'failed', error: (error as Error).message });
    }
  }

  /** Attach a cell as text: its source, and its output or error. */
  attachCell(cell: NotebookCell, notebook: string): void {
    const label = cell.count === null ? `${cell.index + 1}` : `[${cell.count}]`;
    const name = `cell ${label}`;
    if (this._attached.some(each => each.name === name)) {
      return;
    }
    const fence = '````';
    const parts = [
      `${CELL_MARK}${label} of ${notebook}:`,
      `${fence}${cell.type === 'code' ? cell.language : cell.type}\n${cell.source}\n${fence}`
    ];
    if (cell.output || cell.error) {
      parts.push(`Its output:`, `${fence}\n${cell.error || cell.output}\n${fence}`);
    }
    const text = parts.join('\n');
    this._attached = [
      ...this._attached,
      this._new({ kind: 'cell', name, state: 'ready', text })
    ];
    this._store();
  }

  remove(key: number): void {
    this._attached = this._attached.filter(each => each.key !== key);
    this._store();
  }

  /** Return the message to send, and empty the composer. */
  takePrompt(): Prompt {
    const prompt = promptOf(this._text.trim(), this._attached);
    this._lastTaken = { text: this._text, attached: this._attached };
    this._text = '';
    this._attached = [];
    this._store();
    return prompt;
  }

  /** Restore the last message, because it could not be sent. */
  restore(): void {
    if (this._lastTaken !== null && !this._text) {
      ({ text: this._text, attached: this._attached } = this._lastTaken);
      this._store();
    }
  }

  private _new(
    fields: Partial<Attached> & Pick<Attached, 'kind' | 'name' | 'state'>
  ): Attached {
    return { fileId: '', text: '', error: '', ...fields, key: this._next++ };
  }

  private _change(key: number, fields: Partial<Attached>): void {
    this._attached = this._attached.map(each =>
      each.key === key ? { ...each, ...fields } : each
    );
    this._store();
  }

  private _store(): void {
    const attached = this._attached
      .filter(each => each.state === 'ready')
      .map(({ kind, name, fileId, text }) => ({ kind, name, fileId, text }));
    const empty = !this._text && attached.length === 0;
    this._drafts.write(
      this._thread,
      empty ? '' : JSON.stringify({ text: this._text, attached })
    );
    this.touch();
  }

  private _thread = '';
  private _text = '';
  private _attached: Attached[] = [];
  private _lastTaken: { text: string; attached: Attached[] } | null = null;
  private _next = 0;
  private _focusRequests = 0;
}

function parseDraft(text: string): Draft {
  try {
    const { text: draft, attached } = JSON.parse(text) as Draft;
    return { text: String(draft ?? ''), attached: attached ?? [] };
  } catch {
    return { text: '', attached: [] };
  }
}

/** Return the message for a text and its attachments. */
export function promptOf(text: string, attached: readonly Attached[]): Prompt {
  const content: Exclude<CreateMessage['content'], string> = [];
  if (text) {
    content.push({ type: 'text', text });
  }
  for (const each of attached) {
    if (each.kind === 'cell') {
      content.push({ type: 'text', text: each.text });
    } else if (each.kind === 'image') {
      content.push({ type: 'image_file', image_file: { file_id: each.fileId } });
    }
  }
  const attachments: Attachment[] = attached
    .filter(each => each.kind !== 'cell')
    .map(each => ({
      file_id: each.fileId,
      tools: [
        { type: 'code_interpreter' as const },
        ...(DOCUMENTS.test(each.name) ? [{ type: 'file_search' as const }] : [])
      ]
    }));
  return { content, attachments };
}
