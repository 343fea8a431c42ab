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

/** What a person sends. */
export interface Prompt {
  content: CreateMessage['content'];
  attachments?: Attachment[];
  metadata?: Record<string, string>;
}

/** How an answer is to be made. */
export type RunOptions = Omit<CreateRun, 'stream' | 'additional_messages'>;

const PAGE = 40;

/** One thread: what is stored of it, what happens in it now, and what can be done with it. */
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

  /** The run that goes on, if one does. */
  get active(): RunModel | null {
    return this._active;
  }

  get loading(): boolean {
    return this._loading;
  }

  /** Whether there is more above what is loaded. */
  get hasEarlier(): boolean {
    return this._history.hasEarlier;
  }

  /** Whether the stream of events is being read. */
  get feed(): FeedState {
    return this._feedState;
  }

  /** Read the newest part of the thread, then follow it. */
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

  /** Read a page above what is there. */
  async readEarlier(): Promise<void> {
    const edge = this._history.edge;
    if (!this.hasEarlier || edge === null || this._readingEarlier) {
      return;
    }
    this._readingEarlier = true;
    try {
      const page = await this._client.transcript(this.id, { limit: PAGE, ...edge });
      this._history.takeEarlier(page);
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
    this._history.put(message);
    this.touch();
    const run = await this.run(options);
    if (prompt.attachments?.length) {
      // Files that are searched got the thread a vector store.
      this._thread = await this._client.getThread(this.id);
    }
    return run;
  }

  /** Start a run on the thread as it is. */
  async run(options: RunOptions): Promise<RunModel> {
    return this._started(await this._client.createRun(this.id, options));
  }

  /** End the active run and its code. */
  async stop(): Promise<void> {
    const run = this._active;
    if (run !== null) {
      await this._takeAnswer(run, this._client.cancelRun(this.id, run.id));
    }
  }

  /** Answer calls that a run waits for; they are sent when all of them are answered. */
  async answer(run: RunModel, outputs: ToolOutput[]): Promise<void> {
    const all = run.collect(outputs);
    if (all !== null) {
      await this._takeAnswer(run, this._client.submitOutputs(this.id, run.id, all));
      run.forgetOutputs();
      this._settle();
    }
  }

  /** Answer what running code asks for by `input()`. */
  async reply(run: RunModel, value: string): Promise<void> {
    const path = `/threads/${this.id}/runs/${run.id}/input_reply`;
    await this._takeAnswer(run, this._client.request<Run>('POST', path, { value }));
  }

  /** Undo what a step changed in its kernel. */
  async undo(run: RunModel, step: string): Promise<void> {
    const path = `/threads/${this.id}/runs/${run.id}/steps/${step}/undo`;
    run.put([await this._client.request<Json>('POST', path, {})]);
  }

  /** Take the thread as it was changed elsewhere. */
  replace(thread: Thread): void {
    this._thread = thread;
    this.touch();
  }

  /** What its runs took so far. */
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

  /** Say in which kernel code is to run. */
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

  /** Change the metadata of one message, whoever wrote it. */
  async annotateMessage(id: string, pairs: Record<string, string>): Promise<void> {
    const known = this._history.message(id);
    const metadata = { ...known?.metadata, ...pairs };
    for (const [name, value] of Object.entries(metadata)) {
      if (value === '') {
        delete metadata[name];
      }
    }
    this._history.put(await this._client.modifyMessage(this.id, id, { metadata }));
    this.touch();
  }

  /** Give the last message of a person in front of a run. */
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

  /** The files that code wrote in this thread, the newest of each name, newest first. */
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

  /** Give a message as it is stored. */
  message(id: string): Message | undefined {
    return this._history.message(id);
  }

  /** Connect again now, if the connection is lost. */
  reconnect(): void {
    this._feed?.retry();
  }

  dispose(): void {
    this._feed?.dispose();
    this._history.dispose();
    this._disposed = true;
  }

  /** Take what a request made of a run, unless the stream has told more in the meantime. */
  private async _takeAnswer(run: RunModel, request: Promise<Run>): Promise<void> {
    const before = run.object;
    const answer = await request;
    if (run.object === before) {
      run.put([answer as Json]);
    }
  }

  // -- what is stored

  private async _readNewest(): Promise<void> {
    this._history.takeNewest(await this._client.transcript(this.id, { limit: PAGE }));
    this._settle();
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
        onEvent: event => this._take(event),
        onState: state => {
          this._feedState = state;
          this.touch();
        },
        onGap: () => this._readNewest()
      }
    });
  }

  private _take(event: ServerEvent): void {
    const data = event.data as Json;
    const id = event.id.split(':')[0] || runOf(data);
    if (id) {
      this._takeOfRun(id, event.event, data);
    } else if (event.event === 'thread.message.deleted') {
      this._history.drop(data.id);
      this.touch();
    } else if (data?.object === 'thread.message') {
      this._history.put(data as Message);
      this.touch();
    }
  }

  private _takeOfRun(id: string, name: string, data: Json): void {
    const isNew = !this._history.hasRun(id);
    this._history.run(id).fold(name, data);
    if (isNew) {
      // Somebody else began it: a cell, or a program. Their question is to be read.
      this._history.arrange();
      this.touch();
      void this._readMessages();
    }
    if (!name.endsWith('.delta')) {
      if (data.object === 'thread.message') {
        this._history.put(data as Message);
        this.touch();
      }
      this._settle();
    }
  }

  private async _readMessages(): Promise<void> {
    const page = await this._client.listMessages(this.id, { limit: 20 });
    this._history.put(...page.data.reverse());
    this.touch();
  }

  private _started(run: Run): RunModel {
    const model = this._history.run(run.id);
    if (model.object === null) {
      model.put([run as Json]);
    }
    this._history.arrange();
    this._settle();
    this.touch();
    return model;
  }

  /** Find out which run goes on. */
  private _settle(): void {
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
