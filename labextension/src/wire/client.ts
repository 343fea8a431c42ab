import { ConnectionLost, errorOf } from './errors';
import { ServerEvent, readEvents } from './events';
import { Transport } from './transport';
import type {
  Assistant,
  AssistantList,
  CreateAssistant,
  CreateMessage,
  CreateRun,
  CreateThread,
  Deleted,
  File as StoredFile,
  ListedTool,
  Message,
  MessageList,
  Model,
  ModifyAssistant,
  ModifyMessage,
  Run,
  RunList,
  RunPreview,
  RunStep,
  RunStepList,
  TableHead,
  Thread,
  ThreadList,
  ThreadTranscript,
  ThreadUsage,
  ToolOutput
} from './types';

/** Query parameters of a page. */
export interface PageQuery {
  limit?: number;
  order?: 'asc' | 'desc';
  after?: string;
  before?: string;
}

/** Query parameters of a page of threads. */
export interface ThreadQuery extends PageQuery {
  query?: string;
  metadata?: Record<string, string>;
}

/** The HTTP API as methods, one request each. */
export class AssistantsClient {
  constructor(private _transport: Transport) {}

  // -- threads

  listThreads(query: ThreadQuery = {}, signal?: AbortSignal): Promise<ThreadList> {
    return this._get(`/threads${search({ ...query })}`, signal);
  }

  getThread(thread: string): Promise<Thread> {
    return this._get(`/threads/${id(thread)}`);
  }

  createThread(body: CreateThread): Promise<Thread> {
    return this._post('/threads', body);
  }

  modifyThread(
    thread: string,
    body: {
      metadata?: Record<string, string>;
      tool_resources?: Thread['tool_resources'];
    }
  ): Promise<Thread> {
    return this._post(`/threads/${id(thread)}`, body);
  }

  deleteThread(thread: string): Promise<Deleted> {
    return this._delete(`/threads/${id(thread)}`);
  }

  copyThread(
    thread: string,
    body: { until?: string; metadata?: Record<string, string> }
  ): Promise<Thread> {
    return this._post(`/threads/${id(thread)}/copy`, body);
  }

  /** Return an export of a thread and its proposed file name. */
  async exportThread(
    thread: string,
    format: 'json' | 'markdown' | 'notebook'
  ): Promise<{ blob: Blob; filename: string }> {
    const path = `/threads/${id(thread)}/export${search({ format })}`;
    const response = await this._send('GET', path);
    return { blob: await response.blob(), filename: filenameOf(response) ?? thread };
  }

  /**
   * Return the newest messages of a thread, or those before one, with their runs. Runs that are
   * over come folded, as views.
   */
  transcript(
    thread: string,
    query: { limit?: number; after?: string; runs_after?: string }
  ): Promise<ThreadTranscript> {
    const folded = search({ ...query, fold: true });
    return this._get(`/threads/${id(thread)}/transcript${folded}`);
  }

  threadUsage(thread: string): Promise<ThreadUsage> {
    return this._get(`/threads/${id(thread)}/usage`);
  }

  /** Open the stream of a thread's active run and of all that follow. */
  threadEvents(
    thread: string,
    after: string | null,
    signal: AbortSignal
  ): Promise<Response> {
    const headers: Record<string, string> = after ? { 'Last-Event-ID': after } : {};
    const path = `/threads/${id(thread)}/events`;
    return this._send('GET', path, undefined, { headers, signal });
  }

  /** Yield the events of one run from beginning to end. */
  runEvents(
    thread: string,
    run: string,
    signal?: AbortSignal
  ): AsyncGenerator<ServerEvent, void, undefined> {
    return this.events(`/threads/${id(thread)}/runs/${id(run)}/events`, signal);
  }

  // -- messages

  listMessages(
    thread: string,
    query: PageQuery & { run_id?: string } = {}
  ): Promise<MessageList> {
    return this._get(`/threads/${id(thread)}/messages${search({ ...query })}`);
  }

  createMessage(thread: string, body: CreateMessage): Promise<Message> {
    return this._post(`/threads/${id(thread)}/messages`, body);
  }

  modifyMessage(
    thread: string,
    message: string,
    body: ModifyMessage
  ): Promise<Message> {
    return this._post(`/threads/${id(thread)}/messages/${id(message)}`, body);
  }

  deleteMessage(thread: string, message: string): Promise<Deleted> {
    return this._delete(`/threads/${id(thread)}/messages/${id(message)}`);
  }

  // -- runs

  createRun(thread: string, body: CreateRun): Promise<Run> {
    return this._post(`/threads/${id(thread)}/runs`, body);
  }

  previewRun(thread: string, body: CreateRun): Promise<RunPreview> {
    return this._post(`/threads/${id(thread)}/runs/preview`, body);
  }

  listRuns(thread: string, query: PageQuery = {}): Promise<RunList> {
    return this._get(`/threads/${id(thread)}/runs${search({ ...query })}`);
  }

  getRun(thread: string, run: string): Promise<Run> {
    return this._get(`/threads/${id(thread)}/runs/${id(run)}`);
  }

  listSteps(thread: string, run: string, query: PageQuery = {}): Promise<RunStepList> {
    return this._get(
      `/threads/${id(thread)}/runs/${id(run)}/steps${search({ ...query })}`
    );
  }

  getStep(thread: string, run: string, step: string): Promise<RunStep> {
    return this._get(`/threads/${id(thread)}/runs/${id(run)}/steps/${id(step)}`);
  }

  cancelRun(thread: string, run: string): Promise<Run> {
    return this._post(`/threads/${id(thread)}/runs/${id(run)}/cancel`, {});
  }

  submitOutputs(thread: string, run: string, outputs: ToolOutput[]): Promise<Run> {
    const path = `/threads/${id(thread)}/runs/${id(run)}/submit_tool_outputs`;
    return this._post(path, { tool_outputs: outputs });
  }

  // -- assistants and models

  listAssistants(query: PageQuery = {}): Promise<AssistantList> {
    return this._get(`/assistants${search({ ...query })}`);
  }

  createAssistant(body: CreateAssistant): Promise<Assistant> {
    return this._post('/assistants', body);
  }

  modifyAssistant(assistant: string, body: ModifyAssistant): Promise<Assistant> {
    return this._post(`/assistants/${id(assistant)}`, body);
  }

  deleteAssistant(assistant: string): Promise<Deleted> {
    return this._delete(`/assistants/${id(assistant)}`);
  }

  async listModels(): Promise<Model[]> {
    const page: { data: Model[] } = await this._get('/models');
    return page.data;
  }

  /** Return the hosted tools that the server has. */
  async listTools(): Promise<ListedTool[]> {
    const page: { data: ListedTool[] } = await this._get('/tools');
    return page.data;
  }

  // -- files

  async createFile(
    file: Blob,
    filename: string,
    purpose = 'assistants'
  ): Promise<StoredFile> {
    const form = new FormData();
    form.append('purpose', purpose);
    form.append('file', file, filename);
    const response = await this._send('POST', '/files', form);
    return response.json() as Promise<StoredFile>;
  }

  getFile(file: string): Promise<StoredFile> {
    return this._get(`/files/${id(file)}`);
  }

  async fileContent(file: string, signal?: AbortSignal): Promise<Blob> {
    const path = `/files/${id(file)}/content`;
    return (await this._send('GET', path, undefined, { signal })).blob();
  }

  async fileTable(file: string, signal?: AbortSignal): Promise<TableHead> {
    const path = `/files/${id(file)}/table`;
    const response = await this._send('GET', path, undefined, { signal });
    return response.json() as Promise<TableHead>;
  }

  // -- any operation, for what has no method here

  async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return (await this._send(method, path, sent)).json() as Promise<T>;
  }

  /** Send a form. */
  async sendForm<T>(path: string, form: FormData, signal?: AbortSignal): Promise<T> {
    const response = await this._send('POST', path, form, { signal });
    return response.json() as Promise<T>;
  }

  /** Yield the events of a stream. */
  async *events(
    path: string,
    signal?: AbortSignal
  ): AsyncGenerator<ServerEvent, void, undefined> {
    yield* readEvents(await this._send('GET', path, undefined, { signal }));
  }

  private _get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this._send('GET', path, undefined, { signal }).then(
      r => r.json() as Promise<T>
    );
  }

  private _post<T>(path: string, body: unknown): Promise<T> {
    return this.request('POST', path, body);
  }

  private _delete<T>(path: string): Promise<T> {
    return this.request('DELETE', path);
  }

  private async _send(
    method: string,
    path: string,
    body?: BodyInit,
    more: { headers?: Record<string, string>; signal?: AbortSignal } = {}
  ): Promise<Response> {
    let response: Response;
    try {
      response = await this._transport({ method, path, body, ...more });
    } catch (error) {
      if (more.signal?.aborted) {
        throw error;
      }
      throw new ConnectionLost(error);
    }
    if (!response.ok) {
      throw await errorOf(response);
    }
    return response;
  }
}

function id(text: string): string {
  return encodeURIComponent(text);
}

function search(query: Record<string, unknown>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value && typeof value === 'object') {
      for (const [key, each] of Object.entries(value)) {
        pairs.append(`${name}[${key}]`, String(each));
      }
    } else if (value !== undefined && value !== '') {
      pairs.append(name, String(value));
    }
  }
  const text = pairs.toString();
  return text ? `?${text}` : '';
}

function filenameOf(response: Response): string | null {
  const header = response.headers.get('Content-Disposition') ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header);
  return encoded
    ? decodeURIComponent(encoded[1])
    : (/filename="([^"]+)"/.exec(header)?.[1] ?? null);
}
