import { AssistantsClient } from '../../wire/client';
import type {
  Message,
  RunPreview,
  Thread,
  Variable,
  VariableList
} from '../../wire/types';
import { AssistantsModel } from '../assistants/model';
import { OperationModel } from '../../base/operation';
import { ComposerModel } from '../composer/model';
import { Drafts } from '../composer/drafts';
import { NotebookPort, OpenNotebook } from '../../lab/notebookPort';
import { Preferences } from './preferences';
import { RunModel } from '../chat/run';
import { DoctorModel } from '../doctor/model';
import { EndpointsModel } from '../endpoints/model';
import { Prompt, RunOptions, ThreadModel } from '../chat/model';
import { ThreadListModel } from '../threads/model';
import { NotebookCell, WorkspacePort } from '../../lab/workspacePort';

/** Metadata key of a thread for the path of its notebook. */
export const NOTEBOOK = 'notebook';
/** Metadata key for its kernel, by which a cell finds the thread of its notebook. */
export const KERNEL = 'kernel';
/** Draft key of a thread that does not exist yet. */
export const NEW = 'new';

/** The pages of the panel. */
export type Page = 'thread' | 'threads';

export namespace PanelModel {
  export interface IOptions {
    client: AssistantsClient;
    notebooks: NotebookPort;
    workspace: WorkspacePort;
    drafts: Drafts;
  }
}

/** The panel as a whole: the open thread, and what the composer sends. */
export class PanelModel extends OperationModel {
  readonly client: AssistantsClient;
  readonly threads: ThreadListModel;
  readonly assistants: AssistantsModel;
  /** The settings of this person. */
  readonly preferences = new Preferences();
  readonly doctor: DoctorModel;
  readonly endpoints: EndpointsModel;
  readonly composer: ComposerModel;
  readonly workspace: WorkspacePort;
  readonly notebooks: NotebookPort;

  constructor(options: PanelModel.IOptions) {
    super();
    this.client = options.client;
    this.notebooks = options.notebooks;
    this.workspace = options.workspace;
    this.composer = new ComposerModel(options.client, options.drafts);
    this.composer.openDraft(NEW);
    this.threads = new ThreadListModel(options.client);
    this.assistants = new AssistantsModel(options.client);
    this.doctor = new DoctorModel(options.client);
    this.endpoints = new EndpointsModel(options.client);
    this.notebooks.changed.connect(this._onNotebook, this);
  }

  get page(): Page {
    return this._page;
  }

  /** The open thread; null for a new one, created with its first message. */
  get thread(): ThreadModel | null {
    return this._thread;
  }

  /** Whether a message is being sent. */
  get sending(): boolean {
    return this._sending;
  }

  /** Load the lists and open the thread of the current notebook. */
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
    this._choice++;
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

  /** Start a new thread, created with its first message. */
  openNew(): void {
    this._choice++;
    this._leave();
    this._marking = this._markSeen();
    this.composer.openDraft(NEW);
    this._page = 'thread';
    this.complain(null);
  }

  /** Send the message of the composer; restore it if that fails. */
  async submit(): Promise<void> {
    if (!this.composer.ready || this._sending || this._thread?.active) {
      return;
    }
    const prompt = this.composer.takePrompt();
    if (!(await this.send(prompt))) {
      this.composer.restore();
    }
  }

  /** Send a message and start a run; returns false if that fails. */
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
   * Answer a message again. A failed run is followed by another one; a complete answer stays
   * in its thread, and the new one goes into a branch.
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

  /** Send an edited message in a branch; the original thread stays. */
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

  /** Open a branch of the open thread that ends with a message. */
  async branch(message: Message): Promise<boolean> {
    return this.attempt(async () => {
      const copy = await this.threads.branch(this._thread!.thread, message.id);
      await this._enter(new ThreadModel(this.client, copy, this.preferences));
    });
  }

  /** Cancel the active run and interrupt its code. */
  async stop(): Promise<void> {
    await this.attempt(() => this._thread?.stop() ?? Promise.resolve());
  }

  /** Delete a thread, and leave it if it is open. */
  async remove(id: string): Promise<void> {
    await this.attempt(async () => {
      await this.threads.remove(id);
      if (this._thread?.id === id) {
        this._leave();
        this.composer.openDraft(NEW);
        this.touch();
      }
    });
  }

  /** Return the options of the next run. */
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
        attended: true,
        allow_stdin: true,
        context: this._context() as never
      }
    };
  }

  /** The path of the notebook in whose kernel code runs next; null for a kernel of the thread's own. */
  get codePlace(): string | null {
    const notebook = this.notebooks.current;
    if (notebook?.kernelId) {
      return notebook.path;
    }
    // A thread keeps the kernel of a notebook that is not in front any more.
    const { tool_resources, metadata } = this._thread?.thread ?? {};
    const kernel = tool_resources?.code_interpreter?.kernel_id;
    return kernel ? (metadata?.[NOTEBOOK] ?? kernel) : null;
  }

  /** Return what the next run of the open thread would send. */
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

  /** Return the variables of the kernel; null while it starts or is busy. */
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
      await this._annotate(thread);
    }
  }

  /** Store the current notebook's path and kernel on its thread. */
  private async _annotate(thread: ThreadModel, adopt = false): Promise<void> {
    const notebook = this.notebooks.current;
    const { metadata } = thread.thread;
    const foreign = (metadata[NOTEBOOK] ?? notebook?.path) !== notebook?.path;
    if (!notebook?.kernelId || (foreign && !adopt)) {
      return;
    }
    const { path, kernelId } = notebook;
    if (metadata[KERNEL] !== kernelId || metadata[NOTEBOOK] !== path) {
      await thread.annotate({ [NOTEBOOK]: notebook.path, [KERNEL]: notebook.kernelId });
    }
  }

  /** Return the notebook context; the thread's setting decides how much of it is sent. */
  private _context(): object {
    const selected = this.workspace.activeCell();
    const above = this.workspace.cells().slice(0, selected?.index ?? 0);
    const contextCell = ({ type, source, output, count }: NotebookCell): object => ({
      type,
      source: source.slice(0, 20_000),
      output,
      execution_count: count
    });
    return {
      cells: above.slice(-50).map(contextCell),
      ...(selected ? { selected: contextCell(selected), error: selected.error } : {})
    };
  }

  private async _enter(thread: ThreadModel): Promise<void> {
    this._leave();
    this._thread = thread;
    this._seen.add(thread.id);
    this.composer.openDraft(thread.id);
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
    // A cell may be starting a thread of a notebook that had none.
    if (
      other ||
      kernel !== this._kernel ||
      (this._thread === null && notebook !== null)
    ) {
      this._kernel = kernel;
      void this._openOfNotebook(other);
    }
  }

  /** Open the newest thread of the current notebook; a new one where it has none. */
  private async _openOfNotebook(other = true): Promise<void> {
    const notebook = this.notebooks.current;
    this._path = notebook?.path ?? null;
    if (notebook === null) {
      return;
    }
    if (this._thread?.thread.metadata[NOTEBOOK] === notebook.path) {
      return this._annotate(this._thread).catch(() => undefined);
    }
    if (this._thread !== null && !other) {
      return;
    }
    const choice = this._choice;
    const found = await this._threadOf(notebook).catch(() => undefined);
    await this._marking;
    // Whoever opened a thread or started a new one meanwhile stays there.
    const chosen = this._choice !== choice || this._path !== notebook.path;
    if (chosen || found === undefined || this._sending) {
      return;
    }
    if (found !== null && (other || !this._seen.has(found.id))) {
      await this.open(found);
      // A thread found by its kernel was started by a cell, or before the notebook was renamed.
      await this._annotate(this._thread!, true).catch(() => undefined);
    } else if (found === null && this._thread !== null) {
      this.openNew();
    }
  }

  /** Mark the notebook's thread as seen, so that only a later one opens by itself. */
  private async _markSeen(): Promise<void> {
    const notebook = this.notebooks.current;
    const found = notebook && (await this._threadOf(notebook).catch(() => null));
    if (found) {
      this._seen.add(found.id);
    }
  }

  /** Return the newest thread of a notebook, else of its kernel, which a cell started. */
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
  /** Threads that were open in the panel. */
  private _seen = new Set<string>();
  /** Settles once the notebook's thread is marked as seen, after a new one was started. */
  private _marking: Promise<void> = Promise.resolve();
  /** Number of times that a thread was opened or started. */
  private _choice = 0;
  private _path: string | null = null;
  private _kernel: string | null = null;
  private _sending = false;
}

/** Return whether a message has files for file search. */
function isSearched(prompt: Prompt): boolean {
  return (prompt.attachments ?? []).some(each =>
    each.tools.some(tool => tool.type === 'file_search')
  );
}

/** Return a stored part in the form that requests have. */
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
