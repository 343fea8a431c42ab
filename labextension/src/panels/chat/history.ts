import type { Message, ThreadTranscript } from '../../wire/types';
import { RunModel } from './run';
import { isLive, Json, MessageEntry, messageEntry, View } from '../../wire/transcript';

/** An entry of a thread: a message that no run writers, or a run. */
export type Item =
  | { kind: 'message'; id: string; entry: MessageEntry; message: Message }
  | { kind: 'run'; id: string; run: RunModel };

/** The loaded part of a thread: its messages and runs in order. */
export class History {
  constructor(private _pace: () => number) {}

  /** Messages and runs, oldest first. */
  get items(): Item[] {
    return this._items;
  }

  /** Whether older messages can be loaded. */
  get hasEarlier(): boolean {
    return this._hasEarlier;
  }

  /** Cursors of the next older page; null where nothing is loaded. */
  get edge(): { after: string; runs_after?: string } | null {
    const [oldest] = this._messages.keys();
    return oldest === undefined
      ? null
      : { after: oldest, ...(this._edge ? { runs_after: this._edge } : {}) };
  }

  /** The active run, if there is one. */
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

  /** Return a run, created if it is new. */
  run(id: string): RunModel {
    let run = this._runs.get(id);
    if (!run) {
      run = new RunModel(id, this._pace());
      this._runs.set(id, run);
    }
    return run;
  }

  /** Merge the newest page. It replaces what it contains; older messages stay. */
  mergeNewest(page: ThreadTranscript): void {
    const loaded = [...this._messages.keys()];
    const first = page.messages[0]?.id;
    const overlap = first === undefined ? -1 : loaded.indexOf(first);
    if (overlap < 0) {
      // Nothing is loaded yet, or a break was so long that there is a gap.
      this._hasEarlier = page.has_more;
      this._edge = page.runs[0]?.id;
      this._removeRuns(new Set(page.runs.map(each => each.id)));
    }
    const above = loaded
      .slice(0, Math.max(overlap, 0))
      .map(id => this._messages.get(id)!);
    this._messages = byId([...above, ...page.messages]);
    this._mergeRuns(page);
    this.sort();
  }

  /** Merge the page before the loaded part. */
  mergeEarlier(page: ThreadTranscript): void {
    this._hasEarlier = page.has_more;
    this._edge = page.runs[0]?.id ?? this._edge;
    this._messages = byId([...page.messages, ...this._messages.values()]);
    this._mergeRuns(page);
    this.sort();
  }

  /** Add or replace messages; new ones are placed by their time. */
  update(...messages: Message[]): void {
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
    this.sort();
  }

  /** Remove a message that was deleted. */
  remove(id: string): void {
    const message = this._messages.get(id);
    if (message?.run_id) {
      const gone = { id, object: 'thread.message.deleted' };
      this._runs.get(message.run_id)?.fold(gone.object, gone);
    }
    this._messages.delete(id);
    this.sort();
  }

  /** Sort messages and runs; a run stands at its first message, or by its time. */
  sort(): void {
    const items: Item[] = [];
    const messages = [...this._messages.values()];
    const writers = new Set(messages.map(each => each.run_id));
    const placed = new Set<string>();
    const loose = [...this._runs.values()].filter(run => !writers.has(run.id));
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

  private _mergeRuns(page: ThreadTranscript): void {
    for (const run of page.runs) {
      const model = this.run(run.id);
      const view = page.views?.[run.id];
      if (view) {
        model.show(view as unknown as View, run as Json);
        continue;
      }
      const steps = page.steps.filter(each => each.run_id === run.id);
      const written = page.messages.filter(each => each.run_id === run.id);
      // Text that streams in is ahead of what is stored.
      const parts = inOrder(steps as Json[], written as Json[]).filter(
        each => each.status !== 'in_progress' || model.part(each.id) === undefined
      );
      model.update([...parts, run as Json]);
    }
  }

  private _removeRuns(except: Set<string>): void {
    for (const [id, run] of this._runs) {
      if (!except.has(id)) {
        run.dispose();
        this._runs.delete(id);
      }
    }
  }

  /** Return the item of a message; the same message has the same item. */
  private _item(message: Message): Item {
    let item = this._itemOf.get(message);
    if (!item) {
      const entry = messageEntry(message as Json);
      item = { kind: 'message', id: message.id, entry, message };
      this._itemOf.set(message, item);
    }
    return item;
  }

  private _items: Item[] = [];
  private _messages = new Map<string, Message>();
  private _itemOf = new WeakMap<Message, Item>();
  private _runs = new Map<string, RunModel>();
  private _hasEarlier = false;
  private _edge: string | undefined;
}

function byId(messages: Message[]): Map<string, Message> {
  return new Map(messages.map(each => [each.id, each]));
}

/** Return steps and the messages that they writers in the order of a stream. */
function inOrder(steps: Json[], messages: Json[]): Json[] {
  const byId = new Map(messages.map(each => [each.id, each]));
  return steps.flatMap(step => {
    const written = byId.get(step.step_details?.message_creation?.message_id);
    return written ? [written, step] : [step];
  });
}
