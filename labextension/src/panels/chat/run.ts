import type { ToolOutput } from '../../wire/types';
import { Observable } from '../../base/observable';
import { Throttle } from '../../base/throttle';
import { Entry, isLive, Json, Transcript, View } from '../../wire/transcript';

/** Milliseconds between two updates of a streaming run: about 12 a second. */
export const PACE = 80;

/** One run of a thread: folded by the server if it is over, from its stream otherwise. */
export class RunModel extends Observable {
  constructor(
    readonly id: string,
    pace = PACE
  ) {
    super();
    this._throttle = new Throttle(() => this.touch(), pace);
  }

  /** The view to draw. */
  get view(): View {
    if (this._viewRevision !== this.revision || this._view === null) {
      this._view = this._folded ?? this._transcript.view();
      this._viewRevision = this.revision;
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

  /** The run object; null until it is known. */
  get object(): Json | null {
    return this._run;
  }

  /** Show a run that is over as the server has folded it. */
  show(view: View, run: Json): void {
    this._folded = view;
    this._run = run;
    this._throttle.flush();
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
      this._throttle.request();
    } else {
      this._throttle.flush();
    }
  }

  /** Fold stored objects. */
  update(objects: Json[]): void {
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
    this._throttle.flush();
  }

  /** Collect tool outputs; returns all of them once none is missing, null before. */
  collect(outputs: ToolOutput[]): ToolOutput[] | null {
    outputs.forEach(each => this._outputs.set(each.tool_call_id ?? '', each));
    const all = this.view.waiting.map(call => this._outputs.get(call.id));
    this.touch();
    return all.every(each => each !== undefined) ? (all as ToolOutput[]) : null;
  }

  /** Return whether the output of a call was collected and waits for the others. */
  isAnswered(callId: string): boolean {
    return this._outputs.has(callId);
  }

  /** Drop outputs that were submitted; call ids may be used again. */
  forgetOutputs(): void {
    this._outputs.clear();
  }

  /** Return the wire object of one of its messages or steps. */
  part(id: string): Json | undefined {
    return this._transcript.object(id);
  }

  dispose(): void {
    this._throttle.dispose();
  }

  /**
   * Change the view of a run that is over: a message was deleted, or changes were undone.
   *
   * Events that a resumed stream repeats are older than the view and change nothing.
   */
  private _amend(change: (entry: Entry) => Entry[]): void {
    this._folded = {
      ...this._folded!,
      entries: this._folded!.entries.flatMap(change)
    };
    this._throttle.flush();
  }

  private _transcript = new Transcript();
  private _folded: View | null = null;
  private _throttle: Throttle;
  private _run: Json | null = null;
  private _outputs = new Map<string, ToolOutput>();
  private _view: View | null = null;
  private _viewRevision = -1;
}

/** Return an entry with what its step says now of the changes that its code made. */
function withChanges(entry: Entry, step: Json): Entry {
  return entry.type === 'call' && entry.step_id === step.id
    ? { ...entry, changes: step.jupyter?.calls?.[entry.id]?.changes ?? null }
    : entry;
}
