import { AssistantsClient } from '../../wire/client';
import type {
  Message,
  RunPreview,
  Thread,
  Variable,
  VariableList
} from '../../wire/types';
import { AssistantsModel } from '../assistants/model';
import { Attempting } from '../../base/attempting';
import { ComposerModel } from '../composer/model';
import { Drafts } from '../composer/drafts';
import { NotebookPort, OpenNotebook } from '../../lab/notebookPort';
import { Preferences } from './preferences';
import { RunModel } from '../chat/run';
import { SetupModel } from '../doctor/model';
import { Prompt, RunOptions, ThreadModel } from '../chat/model';
import { ThreadListModel } from '../threads/model';
import { NotebookCell, WorkspacePort } from '../../lab/workspacePort';

/** Pair of a thread's metadata that names its notebook. */
export const NOTEBOOK = 'notebook';
/** Pair that names its kernel; by it a cell finds the thread of its notebook. */
export const KERNEL = 'kernel';
/** The key of the draft of a thread that is not there yet. */
export const NEW = 'new';

/** What the panel shows. */
export type Page = 'thread' | 'threads';

export namespace PanelModel {
  export interface IOptions {
    client: AssistantsClient;
    notebooks: NotebookPort;
    workspace: WorkspacePort;
    drafts: Drafts;
  }
}

/** The panel as a whole: which thread is open, and what is done from its composer. */
export class PanelModel extends Attempting {
  readonly client: AssistantsClient;
  readonly threads: ThreadListModel;
  readonly assistants: AssistantsModel;
  /** The settings of this person. */
  readonly preferences = new Preferences();
  /** What could answer, and whether everything is in order. */
  readonly setup: SetupModel;
  readonly composer: ComposerModel;
  readonly workspace: WorkspacePort;
  readonly notebooks: NotebookPort;

  constructor(options: PanelModel.IOptions) {
    super();
    this.client = options.client;
    this.notebooks = options.notebooks;
    this.workspace = options.workspace;
    this.composer = new ComposerModel(options.client, options.drafts);
    this.composer.turnTo(NEW);
    this.threads = new ThreadListModel(options.client);
    this.assistants = new AssistantsModel(options.client);
    this.setup = new SetupModel(options.client);
    this.notebooks.changed.connect(this._onNotebook, this);
  }

  get page(): Page {
    return this._page;
  }

  /** The open thread; null for one that begins with the next message. */
  get thread(): ThreadModel | null {
    return this._thread;
  }

  /** Whether a message is on its way. */
  get sending(): boolean {
    return this._sending;
  }

  /** Read what is needed to begin. */
  async start(): Promise<void> {
    await Promise.all([this.assistants.load(), this.threads.load()]);
    await this._openOfNotebook();
  }

  show(page: Page): void {
    this._page = page;
    if (page === 'threads') {
      void this.threads.load();
    }
    this.touch();
  }

  /** Open a thread. */
  async open(thread: Thread | string): Promise<void> {
    const id = typeof thread === 'string' ? thread : thread.id;
    this._page = 'thread';
    if (this._thread?.id === id) {
      this.touch();
      return;
    }
    await this.attempt(async () => {
      const object =
        typeof thread === 'string' ? await this.client.getThread(id) : thread;
      await this._enter(new ThreadModel(this.client, object, this.preferences));
    });
  }

  /** Begin anew; the thread is made with its first message. */
  openNew(): void {
    this._leave();
    void this._passOver();
    this.composer.turnTo(NEW);
    this._page = 'thread';
    this.complain(null);
  }

  /** Send what the composer holds. What cannot be sent is put back. */
  async submit(): Promise<void> {
    if (!this.composer.ready || this._sending || this._thread?.active) {
      return;
    }
    const prompt = this.composer.take();
    if (!(await this.send(prompt))) {
      this.composer.restore();
    }
  }

  /** Send a message and start a run that answers it. Gives false when that failed. */
  async send(prompt: Prompt): Promise<boolean> {
    this._sending = true;
    this._page = 'thread';
    this.touch();
    const sent = await this.attempt(async () => {
      const thread = this._thread ?? (await this._create(titleOf(prompt)));
      await this._useKernel(thread);
      await thread.send(prompt, await this.runOptions(thread, prompt));
    });
    this._sending = false;
    this.touch();
    return sent;
  }

  /** Start a run on the open thread as it is. */
  async runAgain(): Promise<void> {
    const thread = this._thread;
    if (thread) {
      await this.attempt(async () => {
        await this._useKernel(thread);
        await thread.run(await this.runOptions(thread));
      });
    }
  }

  /**
   * Answer a message anew. A run that gave no whole answer is followed by another one; a whole
   * answer is kept in its thread, and the new one comes into a copy.
   */
  async retry(run: RunModel): Promise<void> {
    const question = this._thread?.questionOf(run);
    if (run.view.run?.status !== 'completed' || !question) {
      return this.runAgain();
    }
    if (await this.branch(question)) {
      await this.runAgain();
    }
  }

  /** Send a message in other words; what was there is kept, the new words come into a copy. */
  async resend(message: Message, text: string): Promise<void> {
    await this.attempt(async () => {
      const thread = this._thread!;
      const copy = await this.threads.branch(thread.thread, message.id);
      const rest = message.content.filter(
        (part, index) => part.type !== 'text' || index > 0
      );
      const content = [{ type: 'text', text }, ...rest.map(plainPart)];
      const [last] = (await this.client.listMessages(copy.id, { limit: 1 })).data;
      await this.client.modifyMessage(copy.id, last.id, { content: content as never });
      await this._enter(new ThreadModel(this.client, copy, this.preferences));
      await this._useKernel(this._thread!);
      await this._thread!.run(await this.runOptions(this._thread!));
    });
  }

  /** Open a copy of the open thread that ends with a message. */
  async branch(message: Message): Promise<boolean> {
    return this.attempt(async () => {
      const copy = await this.threads.branch(this._thread!.thread, message.id);
      await this._enter(new ThreadModel(this.client, copy, this.preferences));
    });
  }

  /** End the active run and its code. */
  async stop(): Promise<void> {
    await this.attempt(() => this._thread?.stop() ?? Promise.resolve());
  }

  /** Delete a thread; the open one is left. */
  async remove(id: string): Promise<void> {
    await this.attempt(async () => {
      await this.threads.remove(id);
      if (this._thread?.id === id) {
        this._leave();
        this.composer.turnTo(NEW);
        this.touch();
      }
    });
  }

  /** Give how the next answer is to be made. */
  async runOptions(thread: ThreadModel, prompt?: Prompt): Promise<RunOptions> {
    const assistant = await this.assistants.require();
    const stores = thread.thread.tool_resources.file_search?.vector_store_ids ?? [];
    const searches = stores.length > 0 || (prompt && isSearched(prompt));
    const has = assistant.tools.some(tool => tool.type === 'file_search');
    return {
      assistant_id: assistant.id,
      ...(this.assistants.model ? { model: this.assistants.model } : {}),
      ...(searches && !has
        ? { tools: [...assistant.tools, { type: 'file_search' as const }] }
        : {}),
      jupyter: {
        place: 'kernel',
        approval: this.preferences.values.approval,
        allow_stdin: true,
        context: this._context() as never
      }
    };
  }

  /** Give what the next run of the open thread would send. */
  async preview(): Promise<RunPreview> {
    const thread = this._thread!;
    return this.client.previewRun(thread.id, await this.runOptions(thread));
  }

  async rename(thread: Thread, title: string): Promise<void> {
    await this.attempt(async () => {
      const renamed = await this.threads.rename(thread, title);
      if (this._thread?.id === thread.id) {
        this._thread.replace(renamed);
      }
    });
  }

  /** Give the variables of the kernel; null while it starts or is busy, so that none can be seen. */
  async variables(): Promise<Variable[] | null> {
    const notebook = this.notebooks.current;
    const kernel = notebook?.kernelId;
    if (!kernel) {
      return notebook ? null : [];
    }
    const path = `/kernels/${encodeURIComponent(kernel)}/variables`;
    const list = await this.client.request<VariableList>('GET', path);
    return list.state === 'busy' ? null : list.data;
  }

  dispose(): void {
    this.notebooks.changed.disconnect(this._onNotebook, this);
    this._thread?.dispose();
  }

  private async _create(title: string): Promise<ThreadModel> {
    const notebook = this.notebooks.current;
    const metadata = {
      title,
      ...(notebook ? { [NOTEBOOK]: notebook.path } : {}),
      ...(notebook?.kernelId ? { [KERNEL]: notebook.kernelId } : {})
    };
    const created = await this.threads.create({
      metadata,
      jupyter: { context: this.preferences.values.context }
    });
    const thread = new ThreadModel(this.client, created, this.preferences);
    await this._enter(thread);
    return thread;
  }

  private async _useKernel(thread: ThreadModel): Promise<void> {
    const kernel = this.notebooks.current?.kernelId;
    if (kernel) {
      await thread.useKernel(kernel);
      await this._mark(thread);
    }
  }

  /** Keep on the thread of the notebook in front which kernel that has now. */
  private async _mark(thread: ThreadModel, adopt = false): Promise<void> {
    const notebook = this.notebooks.current;
    const { metadata } = thread.thread;
    const theirs = (metadata[NOTEBOOK] ?? notebook?.path) !== notebook?.path;
    if (!notebook?.kernelId || (theirs && !adopt)) {
      return;
    }
    const { path, kernelId } = notebook;
    if (metadata[KERNEL] !== kernelId || metadata[NOTEBOOK] !== path) {
      await thread.annotate({ [NOTEBOOK]: notebook.path, [KERNEL]: notebook.kernelId });
    }
  }

  /** Give what the model may be told of the notebook; the thread says how much of it is. */
  private _context(): object {
    const selected = this.workspace.activeCell();
    const above = this.workspace.cells().slice(0, selected?.index ?? 0);
    const told = ({ type, source, output, count }: NotebookCell): object => ({
      type,
      source: source.slice(0, 20_000),
      output,
      execution_count: count
    });
    return {
      cells: above.slice(-50).map(told),
      ...(selected ? { selected: told(selected), error: selected.error } : {})
    };
  }

  private async _enter(thread: ThreadModel): Promise<void> {
    this._leave();
    this._thread = thread;
    this._known.add(thread.id);
    this.composer.turnTo(thread.id);
    this.touch();
    await thread.open();
  }

  private _leave(): void {
    this._thread?.dispose();
    this._thread = null;
  }

  private _onNotebook(): void {
    const notebook = this.notebooks.current;
    const kernel = notebook?.kernelId ?? null;
    const other = (notebook?.path ?? null) !== this._path;
    // A cell of a notebook without a thread may be beginning one just now.
    if (
      other ||
      kernel !== this._kernel ||
      (this._thread === null && notebook !== null)
    ) {
      this._kernel = kernel;
      void this._openOfNotebook(other);
    }
  }

  /** Open the newest thread of the notebook in front; begin anew where it has none. */
  private async _openOfNotebook(other = true): Promise<void> {
    const notebook = this.notebooks.current;
    this._path = notebook?.path ?? null;
    if (notebook === null) {
      return;
    }
    if (this._thread?.thread.metadata[NOTEBOOK] === notebook.path) {
      return this._mark(this._thread).catch(() => undefined);
    }
    if (this._thread !== null && !other) {
      return;
    }
    const found = await this._threadOf(notebook).catch(() => undefined);
    if (this._path !== notebook.path || found === undefined || this._sending) {
      return;
    }
    if (found !== null && (other || !this._known.has(found.id))) {
      await this.open(found);
      // One that its kernel led to was begun by a cell, or under another name of the notebook.
      await this._mark(this._thread!, true).catch(() => undefined);
    } else if (found === null && this._thread !== null) {
      this.openNew();
    }
  }

  /** Remember the notebook's thread as it is, so that only one that begins later opens by itself. */
  private async _passOver(): Promise<void> {
    const notebook = this.notebooks.current;
    const found = notebook && (await this._threadOf(notebook).catch(() => null));
    if (found) {
      this._known.add(found.id);
    }
  }

  /** Give the newest thread of a notebook, or else of its kernel: a cell began that one. */
  private async _threadOf(notebook: OpenNotebook): Promise<Thread | null> {
    const pairs: Record<string, string>[] = [{ [NOTEBOOK]: notebook.path }];
    if (notebook.kernelId) {
      pairs.push({ [KERNEL]: notebook.kernelId });
    }
    const pages = pairs.map(metadata =>
      this.client.listThreads({ limit: 1, metadata })
    );
    const found = (await Promise.all(pages)).flatMap(page => page.data);
    return found[0] ?? null;
  }

  private _page: Page = 'thread';
  private _thread: ThreadModel | null = null;
  /** Threads that the person has seen here. */
  private _known = new Set<string>();
  private _path: string | null = null;
  private _kernel: string | null = null;
  private _sending = false;
}

/** Whether files come along that a model is to search. */
function isSearched(prompt: Prompt): boolean {
  return (prompt.attachments ?? []).some(each =>
    each.tools.some(tool => tool.type === 'file_search')
  );
}

/** Give a stored part as clients give it. */
function plainPart(part: Message['content'][number]): object {
  return part.type === 'text' ? { type: 'text', text: part.text.value } : part;
}

function titleOf(prompt: Prompt): string {
  const { content } = prompt;
  const text =
    typeof content === 'string'
      ? content
      : content.map(part => ('text' in part ? part.text : '')).join(' ');
  return text.trim().replace(/\s+/g, ' ').slice(0, 80);
}
