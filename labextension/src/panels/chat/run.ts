import type { ToolOutput } from '../../wire/types';
import { Observable } from '../../base/observable';
import { Pace } from '../../base/pace';
import { Entry, isLive, Json, Transcript, View } from '../../wire/transcript';

/** Milliseconds between two looks at a run that streams: about 12 a second. */
export const PACE = 80;

/** One run of a thread, as far as it is known. */
export class RunModel extends Observable {
  constructor(
    readonly id: string,
    pace = PACE
  ) {
    super();
    this._pace = new Pace(() => this.touch(), pace);
  }

  /** What there is to draw. */
  get view(): View {
    if (this._drawn !== this.revision || this._view === null) {
      this._view = this._folded ?? this._transcript.view();
      this._drawn = this.revision;
    }
    return this._view;
  }

  /** Whether it can still change. */
  get live(): boolean {
    const run = this._run;
    return run === null || isLive(run.status as string);
  }

  /** Second of its creation; 0 while it is unknown. */
  get createdAt(): number {
    return (this._run?.created_at as number | undefined) ?? 0;
  }

  /** The run as it came, null before that. */
  get object(): Json | null {
    return this._run;
  }

  /** Show a run that is over as the server has folded it. */
  show(view: View, run: Json): void {
    this._folded = view;
    this._run = run;
    this._pace.now();
  }

  /** Fold an event. Pieces of text wait for the next drawing; everything else shows at once. */
  fold(event: string, data: Json): void {
    if (this._folded !== null) {
      if (event === 'thread.message.deleted') {
        this._amend(entry => (entry.id === data.id ? [] : [entry]));
      }
      return;
    }
    this._transcript.fold(event, data);
    if (event.startsWith('thread.run.') && !event.startsWith('thread.run.step.')) {
      this._run = data;
    }
    if (event.endsWith('.delta')) {
      this._pace.ask();
    } else {
      this._pace.now();
    }
  }

  /** Take stored objects; `undefined` ones are passed over. */
  put(objects: Json[]): void {
    for (const each of objects) {
      if (this._folded !== null) {
        this._amend(entry => [withChanges(entry, each)]);
        continue;
      }
      this._transcript.fold(`${each.object}.${each.status ?? 'completed'}`, each);
      if (each.object === 'thread.run') {
        this._run = each;
      }
    }
    this._pace.now();
  }

  /** Keep outputs of calls; gives all of them as soon as none is missing, null before. */
  collect(outputs: ToolOutput[]): ToolOutput[] | null {
    outputs.forEach(each => this._outputs.set(each.tool_call_id ?? '', each));
    const all = this.view.waiting.map(call => this._outputs.get(call.id));
    return all.every(each => each !== undefined) ? (all as ToolOutput[]) : null;
  }

  /** Forget outputs that were sent; the ids of calls may come again. */
  forgetOutputs(): void {
    this._outputs.clear();
  }

  /** Give the wire object of one of its messages or steps. */
  part(id: string): Json | undefined {
    return this._transcript.object(id);
  }

  dispose(): void {
    this._pace.dispose();
  }

  /**
   * Change the view of a run that is over: a message was deleted, or what code changed was undone.
   *
   * Events that a stream tells again happened before the run was over and change nothing.
   */
  private _amend(change: (entry: Entry) => Entry[]): void {
    this._folded = {
      ...this._folded!,
      entries: this._folded!.entries.flatMap(change)
    };
    this._pace.now();
  }

  private _transcript = new Transcript();
  private _folded: View | null = null;
  private _pace: Pace;
  private _run: Json | null = null;
  private _outputs = new Map<string, ToolOutput>();
  private _view: View | null = null;
  private _drawn = -1;
}

/** Return an entry with what its step says now of the changes that its code made. */
function withChanges(entry: Entry, step: Json): Entry {
  return entry.type === 'call' && entry.step_id === step.id
    ? { ...entry, changes: step.jupyter?.calls?.[entry.id]?.changes ?? null }
    : entry;
}
