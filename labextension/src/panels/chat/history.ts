import type { Message, ThreadTranscript } from '../../wire/types';
import { RunModel } from './run';
import { isLive, Json, MessageEntry, messageEntry, View } from '../../wire/transcript';

/** What stands in a thread, in order: messages that no run wrote, and runs. */
export type Item =
  | { kind: 'message'; id: string; entry: MessageEntry; message: Message }
  | { kind: 'run'; id: string; run: RunModel };

/** What is loaded of a thread: its messages and runs, put in order. */
export class History {
  constructor(private _pace: () => number) {}

  /** Messages and runs, oldest first. */
  get items(): Item[] {
    return this._items;
  }

  /** Whether there is more above what is loaded. */
  get hasEarlier(): boolean {
    return this._hasEarlier;
  }

  /** The place behind which the page above begins; null where nothing is loaded. */
  get edge(): { after: string; runs_after?: string } | null {
    const [oldest] = this._messages.keys();
    return oldest === undefined
      ? null
      : { after: oldest, ...(this._edge ? { runs_after: this._edge } : {}) };
  }

  /** The run that goes on, if one does. */
  get active(): RunModel | null {
    for (const run of this._runs.values()) {
      if (run.object && isLive(run.object.status)) {
        return run;
      }
    }
    return null;
  }

  message(id: string): Message | undefined {
    return this._messages.get(id);
  }

  hasRun(id: string): boolean {
    return this._runs.has(id);
  }

  /** Give a run, made if it is new. */
  run(id: string): RunModel {
    let run = this._runs.get(id);
    if (!run) {
      run = new RunModel(id, this._pace());
      this._runs.set(id, run);
    }
    return run;
  }

  /** Take the newest page. What it shows anew is replaced; what is above it stays. */
  takeNewest(page: ThreadTranscript): void {
    const known = [...this._messages.keys()];
    const first = page.messages[0]?.id;
    const joint = first === undefined ? -1 : known.indexOf(first);
    if (joint < 0) {
      // Nothing is known yet, or so much came in a break that there is a hole.
      this._hasEarlier = page.has_more;
      this._edge = page.runs[0]?.id;
      this._forgetRuns(new Set(page.runs.map(each => each.id)));
    }
    const above = known.slice(0, Math.max(joint, 0)).map(id => this._messages.get(id)!);
    this._messages = byId([...above, ...page.messages]);
    this._takeRuns(page);
    this.arrange();
  }

  /** Take the page above what is loaded. */
  takeEarlier(page: ThreadTranscript): void {
    this._hasEarlier = page.has_more;
    this._edge = page.runs[0]?.id ?? this._edge;
    this._messages = byId([...page.messages, ...this._messages.values()]);
    this._takeRuns(page);
    this.arrange();
  }

  /** Take messages as they are now; new ones stand where their time is. */
  put(...messages: Message[]): void {
    let last = [...this._messages.values()].at(-1)?.created_at ?? 0;
    let sorted = true;
    for (const each of messages) {
      if (!this._messages.has(each.id)) {
        sorted &&= each.created_at >= last;
        last = each.created_at;
      }
      this._messages.set(each.id, each);
    }
    if (!sorted) {
      const all = [...this._messages.values()];
      this._messages = byId(all.sort((a, b) => a.created_at - b.created_at));
    }
    this.arrange();
  }

  /** Forget a message that was deleted. */
  drop(id: string): void {
    const message = this._messages.get(id);
    if (message?.run_id) {
      const gone = { id, object: 'thread.message.deleted' };
      this._runs.get(message.run_id)?.fold(gone.object, gone);
    }
    this._messages.delete(id);
    this.arrange();
  }

  /** Put messages and runs in order; a run stands where its first message is, or by its time. */
  arrange(): void {
    const items: Item[] = [];
    const messages = [...this._messages.values()];
    const wrote = new Set(messages.map(each => each.run_id));
    const placed = new Set<string>();
    const loose = [...this._runs.values()].filter(run => !wrote.has(run.id));
    loose.sort((a, b) => (a.createdAt || Infinity) - (b.createdAt || Infinity));
    const flush = (before: number): void => {
      while (loose.length > 0 && loose[0].createdAt < before) {
        const run = loose.shift()!;
        items.push({ kind: 'run', id: run.id, run });
      }
    };
    for (const message of messages) {
      const run = message.run_id ? this._runs.get(message.run_id) : undefined;
      if (run === undefined) {
        flush(message.created_at);
        items.push(this._item(message));
      } else if (!placed.has(run.id)) {
        placed.add(run.id);
        items.push({ kind: 'run', id: run.id, run });
      }
    }
    flush(Infinity);
    loose.forEach(run => items.push({ kind: 'run', id: run.id, run }));
    this._items = items;
  }

  dispose(): void {
    this._runs.forEach(run => run.dispose());
  }

  private _takeRuns(page: ThreadTranscript): void {
    for (const run of page.runs) {
      const model = this.run(run.id);
      const view = page.views?.[run.id];
      if (view) {
        model.show(view as unknown as View, run as Json);
        continue;
      }
      const steps = page.steps.filter(each => each.run_id === run.id);
      const written = page.messages.filter(each => each.run_id === run.id);
      // What is being written is known from the stream, which goes on where it was.
      const parts = inOrder(steps as Json[], written as Json[]).filter(
        each => each.status !== 'in_progress' || model.part(each.id) === undefined
      );
      model.put([...parts, run as Json]);
    }
  }

  private _forgetRuns(except: Set<string>): void {
    for (const [id, run] of this._runs) {
      if (!except.has(id)) {
        run.dispose();
        this._runs.delete(id);
      }
    }
  }

  /** Give the item of a message: the same one as long as the message is the same. */
  private _item(message: Message): Item {
    let item = this._made.get(message);
    if (!item) {
      const entry = messageEntry(message as Json);
      item = { kind: 'message', id: message.id, entry, message };
      this._made.set(message, item);
    }
    return item;
  }

  private _items: Item[] = [];
  private _messages = new Map<string, Message>();
  private _made = new WeakMap<Message, Item>();
  private _runs = new Map<string, RunModel>();
  private _hasEarlier = false;
  private _edge: string | undefined;
}

function byId(messages: Message[]): Map<string, Message> {
  return new Map(messages.map(each => [each.id, each]));
}

/** Give steps with the messages that they wrote, as a stream has them. */
function inOrder(steps: Json[], messages: Json[]): Json[] {
  const byId = new Map(messages.map(each => [each.id, each]));
  return steps.flatMap(step => {
    const written = byId.get(step.step_details?.message_creation?.message_id);
    return written ? [written, step] : [step];
  });
}
