import { withOwnPaths } from './ownPaths';

/**
 * The fold of a live run's events; the server's is `jupyter_assistants/protocol/transcript.py`.
 *
 * Both are tested on the same `tests/golden/*.jsonl`. Runs that are over arrive folded from
 * the server; only a run that streams is folded here. Names are those of the
 * Python side, so that the golden files hold for both.
 */
export type Json = Record<string, any>;

/** A part of a message. A `link` is the address of an image that is not fetched. */
export interface Part {
  type: 'text' | 'image' | 'link' | 'refusal';
  text: string;
  file_id: string;
  annotations: Json[];
}

/** A message of the user or of the assistant. */
export interface MessageEntry {
  id: string;
  role: string;
  status: string;
  incomplete: string | null;
  parts: Part[];
  attachments: string[];
  type: 'message';
}

/** A file that code wrote. */
export interface WrittenFile {
  file_id: string;
  filename: string;
  bytes: number;
}

/** A tool call. `result` says how the code ended; `outputs` are nbformat output dicts. */
export interface CallEntry {
  id: string;
  step_id: string;
  kind: string;
  status: string;
  result: string | null;
  name: string;
  code: string;
  outputs: Json[];
  output: string | null;
  files: WrittenFile[];
  seconds: number | null;
  note: string | null;
  place: string | null;
  error: string | null;
  /** What the code changed: variables and files, and whether that can be undone. */
  changes: Json | null;
  /** Of file_search: `queries`, the first `number` of its marks, and `results`; null before it ends. */
  search: Json | null;
  type: 'call';
}

export type Entry = MessageEntry | CallEntry;

/** The state of the run. */
export interface RunState {
  id: string;
  thread_id: string;
  assistant_id: string;
  model: string;
  status: string;
  error: string | null;
  incomplete: string | null;
  usage: Json | null;
  note: string | null;
  seen: string | null;
}

/** A call that the client must answer. */
export interface Waiting {
  id: string;
  name: string;
  arguments: string;
}

/** Everything that a view draws. */
export interface View {
  run: RunState | null;
  entries: Entry[];
  waiting: Waiting[];
  error: string | null;
}

const LIVE = new Set(['queued', 'in_progress', 'requires_action', 'cancelling']);

/** Return whether a run of this status can still change. */
export function isLive(status: string): boolean {
  return LIVE.has(status);
}

/** Folds the events of one run, or of several runs of one thread, into a view. */
export class Transcript {
  /** Fold one event; unknown ones are ignored. */
  fold(event: string, data: any): void {
    if (event === 'error') {
      this._error = errorText(data);
    } else if (event === 'thread.run.step.delta') {
      this._delta(this._steps, data);
    } else if (event.startsWith('thread.run.step.')) {
      this._putStep(data, event.endsWith('.created'));
    } else if (event.startsWith('thread.run.')) {
      this._run = data;
    } else if (event === 'thread.message.delta') {
      this._delta(this._messages, data);
    } else if (event === 'thread.message.deleted') {
      this._messages.delete(data.id);
    } else if (event.startsWith('thread.message.')) {
      this._putMessage(data, event.endsWith('.created'));
    }
  }

  /** Return the current view. Unchanged entries are the same objects as before. */
  view(): View {
    const run = this._run;
    const live = run === null || isLive(run.status);
    const entries: Entry[] = [];
    for (const { kind, id } of this._order.values()) {
      const found = (kind === 'step' ? this._steps : this._messages).get(id);
      if (found) {
        entries.push(...this._entries(kind, found, run, live));
      }
    }
    return {
      run: run && runState(run),
      entries,
      waiting: waiting(run),
      error: this._error
    };
  }

  /** Return the wire object of a message or a step, if it is known. */
  object(id: string): Json | undefined {
    return this._messages.get(id) ?? this._steps.get(id);
  }

  private _entries(
    kind: string,
    found: Json,
    run: Json | null,
    live: boolean
  ): Entry[] {
    // Objects are replaced, never mutated: entries stay valid until their run ends.
    const settled = live ? '' : (run?.status ?? '');
    const known = this._made.get(found);
    if (known && known.settled === settled) {
      return known.entries;
    }
    const entries =
      kind === 'step' ? calls(found, run, live) : [messageEntry(found, live)];
    this._made.set(found, { settled, entries });
    return entries;
  }

  private _putStep(step: Json, begins: boolean): void {
    const details = step.step_details ?? {};
    const grown = ['step_details', 'tool_calls'];
    // All its deltas follow: earlier content would appear twice.
    const known = begins ? undefined : this._steps.get(step.id);
    this._steps.set(step.id, newer(known, step, grown));
    if (details.type === 'message_creation') {
      this._place('message', details.message_creation.message_id);
    } else {
      this._place('step', step.id);
    }
  }

  private _putMessage(message: Json, begins: boolean): void {
    const id = message.id;
    const known = begins ? undefined : this._messages.get(id);
    this._messages.set(id, newer(known, message, ['content']));
    this._place('message', id);
  }

  private _place(kind: string, id: string): void {
    const key = `${kind} ${id}`;
    if (!this._order.has(key)) {
      this._order.set(key, { kind, id });
    }
  }

  private _delta(objects: Map<string, Json>, data: Json): void {
    const known = objects.get(data.id);
    // A late reader lacks the object, or has one that is newer than the delta.
    if (known?.status === 'in_progress') {
      objects.set(data.id, merge(known, data.delta));
    }
  }

  private _run: Json | null = null;
  private _steps = new Map<string, Json>();
  private _messages = new Map<string, Json>();
  private _order = new Map<string, { kind: string; id: string }>();
  private _made = new WeakMap<Json, { settled: string; entries: Entry[] }>();
  private _error: string | null = null;
}

/**
 * Return `known` with a delta merged into it, as the SDKs merge.
 *
 * Strings are joined, numbers added, objects merged, lists of objects merged by `index`. Neither
 * argument is changed.
 */
export function merge(known: Json, delta: Json): Json {
  const result: Json = { ...known };
  for (const [name, value] of Object.entries(delta)) {
    const replaced = name === 'index' || name === 'type';
    result[name] = replaced ? value : merged(result[name], value);
  }
  return result;
}

function merged(known: any, value: any): any {
  if (Array.isArray(value) && value.every(isObject)) {
    return mergedList(known ?? [], value);
  }
  if (known === null || known === undefined) {
    return value;
  }
  if (typeof known === 'string' && typeof value === 'string') {
    return known + value;
  }
  if (typeof known === 'number' && typeof value === 'number') {
    return known + value;
  }
  if (isObject(known) && isObject(value)) {
    return merge(known, value);
  }
  return value === null || value === undefined ? known : value;
}

function mergedList(known: any[], items: Json[]): any[] {
  const result = [...known];
  for (const item of items) {
    const index = item.index ?? result.length;
    if (index < result.length) {
      result[index] = merge(result[index], item);
    } else {
      result.push(merge({}, item));
    }
  }
  return result;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Return the fresh object; an unfinished one keeps content that deltas added before. */
function newer(known: Json | undefined, fresh: Json, grown: string[]): Json {
  if (!known || fresh.status !== 'in_progress' || filled(at(fresh, grown))) {
    return fresh;
  }
  let kept = at(known, grown);
  if (!filled(kept)) {
    return fresh;
  }
  for (const name of grown.slice(1).reverse()) {
    kept = { ...(fresh[grown[0]] ?? {}), [name]: kept };
  }
  return { ...fresh, [grown[0]]: kept };
}

function filled(value: any): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function at(value: any, path: string[]): any {
  return path.reduce((found, name) => found?.[name], value);
}

function errorText(data: any): string {
  const found = isObject(data) ? (data.error ?? data) : data;
  return String(isObject(found) ? (found.message ?? JSON.stringify(found)) : found);
}

function runState(run: Json): RunState {
  const ours = run.jupyter ?? {};
  return {
    id: run.id,
    thread_id: run.thread_id,
    assistant_id: run.assistant_id,
    model: ours.resolved_model || run.model,
    status: run.status,
    error: run.last_error?.message ?? null,
    incomplete: run.incomplete_details?.reason ?? null,
    usage: run.usage ?? null,
    note: ours.note ?? null,
    seen: ours.seen ?? null
  };
}

function waiting(run: Json | null): Waiting[] {
  if (run?.status !== 'requires_action') {
    return [];
  }
  const found: Json[] = run.required_action?.submit_tool_outputs?.tool_calls ?? [];
  return found.map(call => ({
    id: call.id,
    name: call.function.name,
    arguments: call.function.arguments
  }));
}

/** Return the entry of a stored message; `live` says whether its run can still change. */
export function messageEntry(message: Json, live = false): MessageEntry {
  const status = message.status || 'completed';
  return {
    id: message.id,
    role: message.role,
    status: status === 'in_progress' && !live ? 'incomplete' : status,
    incomplete: message.incomplete_details?.reason ?? null,
    parts: (message.content ?? []).map(part),
    attachments: (message.attachments ?? []).map((item: Json) => item.file_id),
    type: 'message'
  };
}

function part(content: Json): Part {
  const empty = { text: '', file_id: '', annotations: [] };
  switch (content.type) {
    case 'image_file':
      return { ...empty, type: 'image', file_id: content.image_file?.file_id ?? '' };
    case 'image_url':
      return { ...empty, type: 'link', text: content.image_url?.url ?? '' };
    case 'refusal':
      return { ...empty, type: 'refusal', text: content.refusal ?? '' };
    default: {
      const text = content.text ?? {};
      const annotations = (text.annotations ?? []).map(
        ({ index: _, ...rest }: Json) => rest
      );
      return { ...empty, type: 'text', text: text.value ?? '', annotations };
    }
  }
}

function calls(step: Json, run: Json | null, live: boolean): CallEntry[] {
  let status = step.status || 'in_progress';
  if (status === 'in_progress' && !live && run) {
    status = run.status;
  }
  const found: Json[] = step.step_details?.tool_calls ?? [];
  return found.map(call => callEntry(call, step, status));
}

function callEntry(call: Json, step: Json, status: string): CallEntry {
  const kind = call.type ?? '';
  const id = call.id ?? '';
  const ours = step.jupyter?.calls?.[id] ?? {};
  const body = call[kind] ?? {};
  const isCode = kind === 'code_interpreter';
  const written: string = (isCode ? body.input : body.arguments) ?? '';
  return {
    id,
    step_id: step.id,
    kind,
    status,
    result: ours.status ?? null,
    name: body.name ?? ours.language ?? '',
    code: isCode ? withOwnPaths(written) : written,
    outputs: filled(ours.outputs) ? ours.outputs : (body.outputs ?? []).map(output),
    output: body.output ?? null,
    files: ours.files ?? [],
    seconds: ours.seconds ?? null,
    note: ours.note ?? null,
    place: ours.place ?? null,
    error: step.last_error?.message ?? null,
    changes: ours.changes ?? null,
    search: kind === 'file_search' ? search(body, ours) : null,
    type: 'call'
  };
}

function search(body: Json, ours: Json): Json | null {
  if (body.results === null || body.results === undefined) {
    return null;
  }
  return {
    queries: ours.queries ?? [],
    number: ours.number ?? 0,
    results: body.results
  };
}

function output(found: Json): Json {
  if (found.type === 'logs') {
    return { output_type: 'stream', name: 'stdout', text: found.logs ?? '' };
  }
  const metadata = { jupyter_assistants: { file_id: found.image?.file_id ?? '' } };
  return { output_type: 'display_data', data: {}, metadata };
}
