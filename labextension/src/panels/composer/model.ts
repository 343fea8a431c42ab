import { AssistantsClient } from '../../wire/client';
import type { Attachment, CreateMessage } from '../../wire/types';
import { Drafts } from './drafts';
import { Observable } from '../../base/observable';
import { Prompt } from '../chat/model';
import { NotebookCell } from '../../lab/workspacePort';

/** Something that goes along with a message. */
export interface Attached {
  key: number;
  kind: 'file' | 'image' | 'cell';
  name: string;
  state: 'uploading' | 'ready' | 'failed';
  /** The stored file, once it is uploaded. */
  fileId: string;
  /** Of a cell: what the model is given. */
  text: string;
  error: string;
}

/** What a cell's part of a message begins with; views fold such parts. */
export const CELL_MARK = 'From the notebook, cell ';

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const DOCUMENTS = /\.(pdf|docx?|pptx|md|txt|html?|rst|tex)$/i;

type Kept = {
  text: string;
  attached: Pick<Attached, 'kind' | 'name' | 'fileId' | 'text'>[];
};

/** What somebody writes, and what goes along with it. Both survive a reload. */
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

  /** Whether there is something to send, and nothing is on its way yet. */
  get ready(): boolean {
    const said =
      this._text.trim() !== '' || this._attached.some(each => each.kind === 'cell');
    return said && this._attached.every(each => each.state === 'ready');
  }

  /** Counts the times that others asked for the focus. */
  get wanted(): number {
    return this._wanted;
  }

  /** Turn to the draft of a thread. */
  turnTo(thread: string): void {
    if (thread === this._thread) {
      return;
    }
    this._thread = thread;
    const kept = parsed(this._drafts.read(thread));
    this._text = kept.text;
    this._attached = kept.attached.map(each => this._new({ ...each, state: 'ready' }));
    this.touch();
  }

  write(text: string): void {
    this._text = text;
    this._keep();
  }

  /** Put words of somebody else than the person into the composer, and ask for the focus. */
  propose(text: string): void {
    if (text) {
      this._text = this._text.trim() ? `${this._text.trimEnd()}\n${text}` : text;
    }
    this._wanted += 1;
    this._keep();
  }

  /** Upload a file; images are shown to models that see. */
  async attach(content: Blob, name: string): Promise<void> {
    const kind = IMAGES.has(content.type) ? 'image' : 'file';
    const attached = this._new({ kind, name, state: 'uploading' });
    this._attached = [...this._attached, attached];
    this._keep();
    try {
      const purpose = kind === 'image' ? 'vision' : 'assistants';
      const file = await this._client.createFile(content, name, purpose);
      this._change(attached.key, { state: 'ready', fileId: file.id });
    } catch (error) {
      this._change(attached.key, { state: 'failed', error: (error as Error).message });
    }
  }

  /** Attach a cell as text: its source, and what came of it. */
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
    this._keep();
  }

  remove(key: number): void {
    this._attached = this._attached.filter(each => each.key !== key);
    this._keep();
  }

  /** Give what is to be sent, and empty the composer. */
  take(): Prompt {
    const prompt = promptOf(this._text.trim(), this._attached);
    this._taken = { text: this._text, attached: this._attached };
    this._text = '';
    this._attached = [];
    this._keep();
    return prompt;
  }

  /** Put back what was taken last, because it could not be sent. */
  restore(): void {
    if (this._taken !== null && !this._text) {
      ({ text: this._text, attached: this._attached } = this._taken);
      this._keep();
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
    this._keep();
  }

  private _keep(): void {
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
  private _taken: { text: string; attached: Attached[] } | null = null;
  private _next = 0;
  private _wanted = 0;
}

function parsed(draft: string): Kept {
  try {
    const { text, attached } = JSON.parse(draft) as Kept;
    return { text: String(text ?? ''), attached: attached ?? [] };
  } catch {
    return { text: '', attached: [] };
  }
}

/** Give the message of a text and what goes along with it. */
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
