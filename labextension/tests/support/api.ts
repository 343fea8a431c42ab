import { AssistantsClient } from '../../src/wire/client';
import { Request } from '../../src/wire/transport';

type Json = Record<string, any>;

/** The HTTP API of one thread, as far as the models ask it; what it holds is set by the tests. */
export class Api {
  messages: Json[] = [];
  runs: Json[] = [];
  steps: Record<string, Json[]> = {};
  /** Views of runs that are over, by the runs' ids. */
  views: Record<string, Json> = {};
  /** The step as it is when its changes are undone. */
  undone: Json = {};
  thread: Json = { id: 'thread_1', metadata: {}, tool_resources: {}, created_at: 1 };
  requests: Request[] = [];
  private _feed: ReadableStreamDefaultController<Uint8Array> | null = null;

  get client(): AssistantsClient {
    return new AssistantsClient(async request => {
      this.requests.push(request);
      const body = this._answer(request);
      return body instanceof ReadableStream
        ? new Response(body)
        : new Response(JSON.stringify(body));
    });
  }

  /** Tell an event to whoever follows the thread. */
  tell(event: string, data: Json, id: string): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\nid: ${id}\n\n`;
    this._feed!.enqueue(new TextEncoder().encode(text));
  }

  get followed(): boolean {
    return this._feed !== null;
  }

  private _answer({ method, path, body }: Request): Json | ReadableStream<Uint8Array> {
    const url = new URL(path, 'http://x');
    const [, , , kind, run, rest, , verb] = url.pathname.split('/');
    if (verb === 'undo') {
      return this.undone;
    }
    if (kind === 'events') {
      return new ReadableStream({
        start: controller => void (this._feed = controller)
      });
    }
    if (kind === 'transcript') {
      return this._transcript(url.searchParams);
    }
    if (kind === 'messages' && method === 'POST') {
      const message = this.message(
        `m${this.messages.length + 1}`,
        'user',
        JSON.parse(`${body}`)
      );
      this.messages.push(message);
      return message;
    }
    if (kind === 'messages') {
      return page(this.messages, url.searchParams);
    }
    if (kind === 'runs' && rest === 'steps') {
      return page(this.steps[run] ?? [], url.searchParams);
    }
    if (kind === 'runs' && method === 'POST' && !run) {
      const created = this.run(`run_${this.runs.length + 1}`, 'queued');
      this.runs.push(created);
      return created;
    }
    if (kind === 'runs') {
      return run
        ? this.runs.find(each => each.id === run)!
        : page(this.runs, url.searchParams);
    }
    if (method === 'POST') {
      this.thread = { ...this.thread, ...JSON.parse(`${body}`) };
    }
    return this.thread;
  }

  /** Give a page of messages with the runs of its time. */
  private _transcript(query: URLSearchParams): Json {
    const { data, has_more } = page(this.messages, query);
    const messages = data.reverse();
    const oldest = has_more ? messages[0].created_at : 0;
    const before = this.runs.findIndex(each => each.id === query.get('runs_after'));
    const older = before < 0 ? this.runs : this.runs.slice(0, before);
    const runs = older.filter(each => each.created_at >= oldest);
    const steps = runs.flatMap(each => this.steps[each.id] ?? []);
    const { views } = this;
    return { object: 'thread.transcript', messages, runs, steps, views, has_more };
  }

  message(id: string, role: string, fields: Json = {}): Json {
    const text = { type: 'text', text: { value: id, annotations: [] } };
    return {
      object: 'thread.message',
      id,
      role,
      status: 'completed',
      created_at: Number(id.replace(/\D/g, '')),
      run_id: null,
      metadata: {},
      ...fields,
      content: [text]
    };
  }

  run(id: string, status: string, created_at = 100): Json {
    return {
      object: 'thread.run',
      id,
      status,
      created_at,
      thread_id: 'thread_1',
      assistant_id: 'a',
      model: 'm'
    };
  }
}

/** Give a page of objects that are kept oldest first. */
function page(all: Json[], query: URLSearchParams): Json {
  const ordered = query.get('order') === 'asc' ? all : [...all].reverse();
  const after = ordered.findIndex(each => each.id === query.get('after')) + 1;
  const data = ordered.slice(after, after + Number(query.get('limit') ?? 20));
  return { object: 'list', data, has_more: after + data.length < ordered.length };
}

/** Wait until something is so. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error('It did not come to that.');
    }
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}
