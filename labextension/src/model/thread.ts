import { AssistantsClient } from '../wire/client';
import { Feed, FeedState } from '../wire/follow';
import { ServerEvent } from '../wire/sse';
import type {
  Attachment,
  CreateMessage,
  CreateRun,
  Message,
  Run,
  Thread,
  ThreadUsage,
  ToolOutput
} from '../wire/types';
import { Observable } from './observable';
import { Preferences } from './preferences';
import { RunModel } from './run';
import { isLive, Json, MessageEntry, messageEntry, WrittenFile } from './transcript';

/** What stands in a thread, in order: messages that no run wrote, and runs. */
export type Item =
  | { kind: 'message'; id: string; entry: MessageEntry; message: Message }
  | { kind: 'run'; id: string; run: RunModel };

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
    private _preferences = new Preferences()
  ) {
    super();
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
    return this._items;
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
    return this._hasEarlier;
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
    const oldest = this._messages.keys().next().value;
    if (!this._hasEarlier || oldest === undefined || this._readingEarlier) {
      return;
    }
    this._readingEarlier = true;
    try {
      const page = await this._client.listMessages(this.id, {
        limit: PAGE,
        after: oldest
      });
      this._hasEarlier = page.has_more;
      const fresh = page.data.reverse();
      await this._readRuns(fresh);
      const known = [...this._messages.values()];
      this._messages = new Map([...fresh, ...known].map(each => [each.id, each]));
      this._arrange();
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
    this._messages.set(message.id, message);
    this._arrange();
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

  /** Answer the calls that a run waits for. */
  async answer(run: RunModel, outputs: ToolOutput[]): Promise<void> {
    await this._takeAnswer(run, this._client.submitOutputs(this.id, run.id, outputs));
    this._settle();
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
    const known = this._messages.get(id);
    const metadata = { ...known?.metadata, ...pairs };
    for (const [name, value] of Object.entries(metadata)) {
      if (value === '') {
        delete metadata[name];
      }
    }
    this._messages.set(id, await this._client.modifyMessage(this.id, id, { metadata }));
    this._arrange();
  }

  /** Give the last message of a person in front of a run. */
  questionOf(run: RunModel): Message | undefined {
    let question: Message | undefined;
    for (const item of this._items) {
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
    for (const item of this._items) {
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
    return this._messages.get(id);
  }

  /** Connect again now, if the connection is lost. */
  reconnect(): void {
    this._feed?.retry();
  }

  dispose(): void {
    this._feed?.dispose();
    this._runs.forEach(run => run.dispose());
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
    const [messages, runs] = await Promise.all([
      this._client.listMessages(this.id, { limit: PAGE }),
      this._client.listRuns(this.id, { limit: 20 })
    ]);
    const first = this._messages.size === 0;
    for (const message of messages.data.reverse()) {
      this._messages.set(message.id, message);
    }
    if (first) {
      this._hasEarlier = messages.has_more;
    }
    await this._readRuns(messages.data, runs.data);
    this._arrange();
    this._settle();
  }

  /** Read the runs that wrote these messages, and those given, with their steps. */
  private async _readRuns(messages: Message[], runs: Run[] = []): Promise<void> {
    const oldest = messages.length > 0 && this._hasEarlier ? messages[0].created_at : 0;
    const wanted = new Map<string, Run | null>();
    messages.forEach(each => each.run_id && wanted.set(each.run_id, null));
    runs
      .filter(each => each.created_at >= oldest)
      .forEach(each => wanted.set(each.id, each));
    await Promise.all([...wanted].map(([id, run]) => this._readRun(id, run, messages)));
  }

  private async _readRun(
    id: string,
    known: Run | null,
    messages: Message[]
  ): Promise<void> {
    const [run, steps] = await Promise.all([
      known ?? this._client.getRun(this.id, id).catch(() => null),
      this._client.listSteps(this.id, id, { limit: 100, order: 'asc' })
    ]);
    const written = messages.filter(each => each.run_id === id);
    const model = this._run(id);
    model.put([
      ...inOrder(steps.data as Json[], written as Json[]),
      ...(run ? [run as Json] : [])
    ]);
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
    if (!id) {
      return;
    }
    const isNew = !this._runs.has(id);
    const run = this._run(id);
    run.fold(event.event, data);
    if (isNew) {
      // Somebody else began it: a cell, or a program. Their question is to be read.
      this._arrange();
      void this._readMessages();
    }
    if (!event.event.endsWith('.delta')) {
      this._keep(data);
      this._settle();
    }
  }

  private async _readMessages(): Promise<void> {
    const page = await this._client.listMessages(this.id, { limit: 20 });
    page.data.reverse().forEach(message => this._messages.set(message.id, message));
    this._messages = new Map(
      [...this._messages].sort(([, a], [, b]) => a.created_at - b.created_at)
    );
    this._arrange();
  }

  private _started(run: Run): RunModel {
    const model = this._run(run.id);
    if (model.object === null) {
      model.put([run as Json]);
    }
    this._arrange();
    this._settle();
    return model;
  }

  private _run(id: string): RunModel {
    let run = this._runs.get(id);
    if (!run) {
      run = new RunModel(id, this._preferences.pace);
      this._runs.set(id, run);
    }
    return run;
  }

  private _keep(data: Json): void {
    if (data.object === 'thread.message') {
      this._messages.set(data.id as string, data as Message);
    }
  }

  /** Find out which run goes on. */
  private _settle(): void {
    const active = [...this._runs.values()].find(
      run => run.object && isLive(run.object.status)
    );
    if (active !== undefined || this._active !== null) {
      const changed = (active ?? null) !== this._active;
      this._active = active ?? null;
      if (changed) {
        this.touch();
      }
    }
  }

  /** Put messages and runs in order; a run stands where its first message is, or by its time. */
  private _arrange(): void {
    const items: Item[] = [];
    const placed = new Set<string>();
    const loose = [...this._runs.values()].filter(run => !this._wrote(run.id));
    const flush = (before: number): void => {
      while (loose.length > 0 && loose[0].createdAt < before) {
        const run = loose.shift()!;
        items.push({ kind: 'run', id: run.id, run });
      }
    };
    loose.sort((a, b) => (a.createdAt || Infinity) - (b.createdAt || Infinity));
    for (const message of this._messages.values()) {
      const run = message.run_id ? this._runs.get(message.run_id) : undefined;
      if (run === undefined) {
        flush(message.created_at);
        items.push({
          kind: 'message',
          id: message.id,
          entry: this._entry(message),
          message
        });
      } else if (!placed.has(run.id)) {
        placed.add(run.id);
        items.push({ kind: 'run', id: run.id, run });
      }
    }
    flush(Infinity);
    loose.forEach(run => items.push({ kind: 'run', id: run.id, run }));
    this._items = items;
    this.touch();
  }

  private _wrote(run: string): boolean {
    return [...this._messages.values()].some(message => message.run_id === run);
  }

  private _entry(message: Message): MessageEntry {
    let entry = this._entries.get(message);
    if (!entry) {
      entry = messageEntry(message as Json);
      this._entries.set(message, entry);
    }
    return entry;
  }

  private _items: Item[] = [];
  private _messages = new Map<string, Message>();
  private _entries = new WeakMap<Message, MessageEntry>();
  private _runs = new Map<string, RunModel>();
  private _active: RunModel | null = null;
  private _feed: Feed | null = null;
  private _feedState: FeedState = 'connecting';
  private _loading = false;
  private _readingEarlier = false;
  private _hasEarlier = false;
  private _disposed = false;
}

/** Give steps with the messages that they wrote, as a stream has them. */
function inOrder(steps: Json[], messages: Json[]): Json[] {
  const byId = new Map(messages.map(each => [each.id, each]));
  return steps.flatMap(step => {
    const written = byId.get(step.step_details?.message_creation?.message_id);
    return written ? [written, step] : [step];
  });
}

function runOf(data: Json): string {
  return (data?.object === 'thread.run' ? data.id : data?.run_id) ?? '';
}
