import { AssistantsClient } from '../../wire/client';
import { Feed, FeedState } from '../../wire/feed';
import { ServerEvent } from '../../wire/events';
import type {
  Attachment,
  CreateMessage,
  CreateRun,
  Message,
  Run,
  Thread,
  ThreadUsage,
  ToolOutput
} from '../../wire/types';
import { History, Item } from './history';
import { Observable } from '../../base/observable';
import { Preferences } from '../main/preferences';
import { RunModel } from './run';
import { Json, WrittenFile } from '../../wire/transcript';

export type { Item } from './history';

/** A message to send. */
export interface Prompt {
  content: CreateMessage['content'];
  attachments?: Attachment[];
  metadata?: Record<string, string>;
}

/** Options of a run. */
export type RunOptions = Omit<CreateRun, 'stream' | 'additional_messages'>;

const PAGE = 40;

/** One thread: its loaded history, its live events, and operations on it. */
export class ThreadModel extends Observable {
  constructor(
    private _client: AssistantsClient,
    private _thread: Thread,
    preferences = new Preferences()
  ) {
    super();
    this._history = new History(() => preferences.pace);
  }

  get id(): string {
    return this._thread.id;
  }

  get thread(): Thread {
    return this._thread;
  }

  get title(): string {
    return this._thread.metadata.title ?? '';
  }

  /** Messages and runs, oldest first. */
  get items(): Item[] {
    return this._history.items;
  }

  /** The active run, if there is one. */
  get active(): RunModel | null {
    return this._active;
  }

  get loading(): boolean {
    return this._loading;
  }

  /** Whether older messages can be loaded. */
  get hasEarlier(): boolean {
    return this._history.hasEarlier;
  }

  /** State of the event stream. */
  get feed(): FeedState {
    return this._feedState;
  }

  /** Load the newest part of the thread, then follow its events. */
  async open(): Promise<void> {
    this._loading = true;
    this.touch();
    try {
      await this._readNewest();
    } finally {
      this._loading = false;
      this.touch();
    }
    this._follow();
  }

  /** Load an older page. */
  async readEarlier(): Promise<void> {
    const edge = this._history.edge;
    if (!this.hasEarlier || edge === null || this._readingEarlier) {
      return;
    }
    this._readingEarlier = true;
    try {
      const page = await this._client.transcript(this.id, { limit: PAGE, ...edge });
      this._history.mergeEarlier(page);
      this.touch();
    } finally {
      this._readingEarlier = false;
    }
  }

  /** Add a message and start a run that answers it. */
  async send(prompt: Prompt, options: RunOptions): Promise<RunModel> {
    const message = await this._client.createMessage(this.id, {
      role: 'user',
      ...prompt
    });
    this._history.update(message);
    this.touch();
    const run = await this.run(options);
    if (prompt.attachments?.length) {
      // The server gives the thread a vector store for files that are searched.
      this._thread = await this._client.getThread(this.id);
    }
    return run;
  }

  /** Start a run on the thread as it is. */
  async run(options: RunOptions): Promise<RunModel> {
    return this._started(await this._client.createRun(this.id, options));
  }

  /** Cancel the active run and interrupt its code. */
  async stop(): Promise<void> {
    const run = this._active;
    if (run !== null) {
      await this._storeRun(run, this._client.cancelRun(this.id, run.id));
    }
  }

  /** Answer calls that a run waits for; submitted once all of them are answered. */
  async answer(run: RunModel, outputs: ToolOutput[]): Promise<void> {
    const all = run.collect(outputs);
    if (all !== null) {
      await this._storeRun(run, this._client.submitOutputs(this.id, run.id, all));
      run.forgetOutputs();
      this._updateActive();
    }
  }

  /** Reply to `input()` of running code. */
  async reply(run: RunModel, value: string): Promise<void> {
    const path = `/threads/${this.id}/runs/${run.id}/input_reply`;
    await this._storeRun(run, this._client.request<Run>('POST', path, { value }));
  }

  /** Undo what a step changed in its kernel. */
  async undo(run: RunModel, step: string): Promise<void> {
    const path = `/threads/${this.id}/runs/${run.id}/steps/${step}/undo`;
    run.update([await this._client.request<Json>('POST', path, {})]);
  }

  /** Replace the thread object, which was changed elsewhere. */
  replace(thread: Thread): void {
    this._thread = thread;
    this.touch();
  }

  /** Return the total usage of its runs. */
  usage(): Promise<ThreadUsage> {
    return this._client.threadUsage(this.id);
  }

  /** Replace pairs of the thread's metadata; an empty value removes its pair. */
  async annotate(pairs: Record<string, string>): Promise<void> {
    const metadata = { ...this._thread.metadata, ...pairs };
    for (const [name, value] of Object.entries(metadata)) {
      if (value === '') {
        delete metadata[name];
      }
    }
    this._thread = await this._client.modifyThread(this.id, { metadata });
    this.touch();
  }

  /** Set the kernel that code runs in. */
  async useKernel(kernel: string): Promise<void> {
    const resources = this._thread.tool_resources;
    if (resources.code_interpreter?.kernel_id === kernel) {
      return;
    }
    const tool_resources = {
      code_interpreter: { ...resources.code_interpreter, kernel_id: kernel }
    };
    this._thread = await this._client.modifyThread(this.id, {
      tool_resources: tool_resources as Thread['tool_resources']
    });
    this.touch();
  }

  /** Replace pairs of a message's metadata; an empty value removes its pair. */
  async annotateMessage(id: string, pairs: Record<string, string>): Promise<void> {
    const known = this._history.message(id);
    const metadata = { ...known?.metadata, ...pairs };
    for (const [name, value] of Object.entries(metadata)) {
      if (value === '') {
        delete metadata[name];
      }
    }
    this._history.update(await this._client.modifyMessage(this.id, id, { metadata }));
    this.touch();
  }

  /** Return the user message that a run answers. */
  questionOf(run: RunModel): Message | undefined {
    let question: Message | undefined;
    for (const item of this.items) {
      if (item.kind === 'message') {
        question = item.message;
      } else if (item.run === run) {
        return question;
      }
    }
    return question;
  }

  /** Files that code wrote in this thread: the latest of each name, newest first. */
  get files(): WrittenFile[] {
    const found = new Map<string, WrittenFile>();
    for (const item of this.items) {
      const entries = item.kind === 'run' ? item.run.view.entries : [];
      for (const entry of entries) {
        for (const file of entry.type === 'call' ? entry.files : []) {
          found.delete(file.filename);
          found.set(file.filename, file);
        }
      }
    }
    return [...found.values()].reverse();
  }

  /** Return a message as it is stored. */
  message(id: string): Message | undefined {
    return this._history.message(id);
  }

  /** Reconnect now if the connection is lost. */
  reconnect(): void {
    this._feed?.retry();
  }

  dispose(): void {
    this._feed?.dispose();
    this._history.dispose();
    this._disposed = true;
  }

  /** Store the run that a request returns, unless the stream already delivered a newer one. */
  private async _storeRun(run: RunModel, request: Promise<Run>): Promise<void> {
    const before = run.object;
    const answer = await request;
    if (run.object === before) {
      run.update([answer as Json]);
    }
  }

  // -- what is stored

  private async _readNewest(): Promise<void> {
    this._history.mergeNewest(await this._client.transcript(this.id, { limit: PAGE }));
    this._updateActive();
    this.touch();
  }

  // -- what happens

  private _follow(): void {
    if (this._disposed) {
      return;
    }
    this._feed = new Feed({
      open: (after, signal) => this._client.threadEvents(this.id, after, signal),
      reader: {
        onEvent: event => this._handleEvent(event),
        onState: state => {
          this._feedState = state;
          this.touch();
        },
        onGap: () => this._readNewest()
      }
    });
  }

  private _handleEvent(event: ServerEvent): void {
    const data = event.data as Json;
    const id = event.id.split(':')[0] || runOf(data);
    if (id) {
      this._handleRunEvent(id, event.event, data);
    } else if (event.event === 'thread.message.deleted') {
      this._history.remove(data.id);
      this.touch();
    } else if (data?.object === 'thread.message') {
      this._history.update(data as Message);
      this.touch();
    }
  }

  private _handleRunEvent(id: string, name: string, data: Json): void {
    const isNew = !this._history.hasRun(id);
    this._history.run(id).fold(name, data);
    if (isNew) {
      // Another client started it, a cell for example: load its question.
      this._history.sort();
      this.touch();
      void this._readMessages();
    }
    if (!name.endsWith('.delta')) {
      if (data.object === 'thread.message') {
        this._history.update(data as Message);
        this.touch();
      }
      this._updateActive();
    }
  }

  private async _readMessages(): Promise<void> {
    const page = await this._client.listMessages(this.id, { limit: 20 });
    this._history.update(...page.data.reverse());
    this.touch();
  }

  private _started(run: Run): RunModel {
    const model = this._history.run(run.id);
    if (model.object === null) {
      model.update([run as Json]);
    }
    this._history.sort();
    this._updateActive();
    this.touch();
    return model;
  }

  /** Update the active run. */
  private _updateActive(): void {
    const active = this._history.active;
    if (active !== this._active) {
      this._active = active;
      this.touch();
    }
  }

  private _history: History;
  private _active: RunModel | null = null;
  private _feed: Feed | null = null;
  private _feedState: FeedState = 'connecting';
  private _loading = false;
  private _readingEarlier = false;
  private _disposed = false;
}

function runOf(data: Json): string {
  return (data?.object === 'thread.run' ? data.id : data?.run_id) ?? '';
}
