import { AssistantsClient } from '../wire/client';
import type { Thread } from '../wire/types';
import { AssistantsModel } from './assistants';
import { Drafts } from './drafts';
import { NotebookPort } from './notebook';
import { Observable } from './observable';
import { Prompt, RunOptions, ThreadModel } from './thread';
import { ThreadListModel } from './threadList';

/** Pair of a thread's metadata that names its notebook. */
export const NOTEBOOK = 'notebook';
/** The key of the draft of a thread that is not there yet. */
export const NEW = 'new';

/** What the panel shows. */
export type Page = 'thread' | 'threads';

export namespace PanelModel {
  export interface IOptions {
    client: AssistantsClient;
    notebooks: NotebookPort;
    drafts: Drafts;
  }
}

/** The panel as a whole: which thread is open, and what is done from its composer. */
export class PanelModel extends Observable {
  readonly client: AssistantsClient;
  readonly threads: ThreadListModel;
  readonly assistants: AssistantsModel;
  readonly drafts: Drafts;
  readonly notebooks: NotebookPort;

  constructor(options: PanelModel.IOptions) {
    super();
    this.client = options.client;
    this.notebooks = options.notebooks;
    this.drafts = options.drafts;
    this.threads = new ThreadListModel(options.client);
    this.assistants = new AssistantsModel(options.client);
    this.notebooks.changed.connect(this._onNotebook, this);
  }

  get page(): Page {
    return this._page;
  }

  /** The open thread; null for one that begins with the next message. */
  get thread(): ThreadModel | null {
    return this._thread;
  }

  /** What went wrong last, until the next attempt. */
  get error(): Error | null {
    return this._error;
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
    await this._attempt(async () => {
      const object =
        typeof thread === 'string' ? await this.client.getThread(id) : thread;
      await this._enter(new ThreadModel(this.client, object));
    });
  }

  /** Begin anew; the thread is made with its first message. */
  openNew(): void {
    this._leave();
    this._page = 'thread';
    this._error = null;
    this.touch();
  }

  /** Send a message and start a run that answers it. Gives false when that failed. */
  async send(prompt: Prompt): Promise<boolean> {
    this._sending = true;
    this.touch();
    const sent = await this._attempt(async () => {
      const thread = this._thread ?? (await this._create(titleOf(prompt)));
      await this._useKernel(thread);
      await thread.send(prompt, await this.runOptions());
    });
    this._sending = false;
    this.touch();
    return sent;
  }

  /** Start a run on the open thread as it is. */
  async runAgain(): Promise<void> {
    const thread = this._thread;
    if (thread) {
      await this._attempt(async () => {
        await this._useKernel(thread);
        await thread.run(await this.runOptions());
      });
    }
  }

  /** End the active run and its code. */
  async stop(): Promise<void> {
    await this._attempt(() => this._thread?.stop() ?? Promise.resolve());
  }

  /** Delete a thread; the open one is left. */
  async remove(id: string): Promise<void> {
    await this._attempt(async () => {
      await this.threads.remove(id);
      if (this._thread?.id === id) {
        this._leave();
        this.touch();
      }
    });
  }

  /** Give how the next answer is to be made. */
  async runOptions(): Promise<RunOptions> {
    const assistant = await this.assistants.require();
    return {
      assistant_id: assistant.id,
      ...(this.assistants.model ? { model: this.assistants.model } : {}),
      jupyter: { place: 'kernel', approval: 'ask' }
    };
  }

  /** Do something that may fail, and show why it did. */
  async attempt(action: () => Promise<unknown>): Promise<boolean> {
    return this._attempt(action);
  }

  dispose(): void {
    this.notebooks.changed.disconnect(this._onNotebook, this);
    this._thread?.dispose();
  }

  private async _create(title: string): Promise<ThreadModel> {
    const notebook = this.notebooks.current;
    const metadata = { title, ...(notebook ? { [NOTEBOOK]: notebook.path } : {}) };
    const created = await this.threads.create({ metadata });
    const thread = new ThreadModel(this.client, created);
    await this._enter(thread);
    return thread;
  }

  private async _useKernel(thread: ThreadModel): Promise<void> {
    const kernel = this.notebooks.current?.kernelId;
    if (kernel) {
      await thread.useKernel(kernel);
    }
  }

  private async _enter(thread: ThreadModel): Promise<void> {
    this._leave();
    this._thread = thread;
    this.touch();
    await thread.open();
  }

  private _leave(): void {
    this._thread?.dispose();
    this._thread = null;
  }

  private _onNotebook(): void {
    const path = this.notebooks.current?.path ?? null;
    if (path !== this._path) {
      void this._openOfNotebook();
    }
  }

  /** Open the newest thread of the notebook in front; begin anew where it has none. */
  private async _openOfNotebook(): Promise<void> {
    const path = this.notebooks.current?.path ?? null;
    this._path = path;
    if (path === null || this._thread?.thread.metadata[NOTEBOOK] === path) {
      return;
    }
    const found = await this.client
      .listThreads({ limit: 1, metadata: { [NOTEBOOK]: path } })
      .catch(() => null);
    if (this._path !== path || found === null) {
      return;
    }
    if (found.data.length > 0) {
      await this.open(found.data[0]);
    } else {
      this.openNew();
    }
  }

  private async _attempt(action: () => Promise<unknown>): Promise<boolean> {
    this._error = null;
    try {
      await action();
      return true;
    } catch (error) {
      this._error = error as Error;
      return false;
    } finally {
      this.touch();
    }
  }

  private _page: Page = 'thread';
  private _thread: ThreadModel | null = null;
  private _path: string | null = null;
  private _error: Error | null = null;
  private _sending = false;
}

function titleOf(prompt: Prompt): string {
  const { content } = prompt;
  const text =
    typeof content === 'string'
      ? content
      : content.map(part => ('text' in part ? part.text : '')).join(' ');
  return text.trim().replace(/\s+/g, ' ').slice(0, 80);
}
