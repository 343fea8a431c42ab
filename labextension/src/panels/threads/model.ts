import { AssistantsClient } from '../../wire/client';
import type { CreateThread, Thread } from '../../wire/types';
import { Observable } from '../../base/observable';

const PAGE = 50;

/** The user's threads, newest first, or the results of a search. */
export class ThreadListModel extends Observable {
  constructor(private _client: AssistantsClient) {
    super();
  }

  get threads(): Thread[] {
    return this._threads;
  }

  get query(): string {
    return this._query;
  }

  get loading(): boolean {
    return this._loading;
  }

  get error(): Error | null {
    return this._error;
  }

  get hasMore(): boolean {
    return this._hasMore;
  }

  /** Load the first page of all threads or of a search. */
  async load(query = this._query): Promise<void> {
    this._query = query;
    this._request?.abort();
    const request = (this._request = new AbortController());
    this._loading = true;
    this.touch();
    try {
      const page = await this._client.listThreads(
        { limit: PAGE, query },
        request.signal
      );
      this._threads = page.data;
      this._hasMore = page.has_more;
      this._error = null;
    } catch (error) {
      if (!request.signal.aborted) {
        this._error = error as Error;
      }
    }
    if (this._request === request) {
      this._loading = false;
      this.touch();
    }
  }

  /** Load the next page. */
  async loadMore(): Promise<void> {
    const last = this._threads[this._threads.length - 1];
    if (!this._hasMore || !last) {
      return;
    }
    const page = await this._client.listThreads({
      limit: PAGE,
      query: this._query,
      after: last.id
    });
    this._threads = [...this._threads, ...page.data];
    this._hasMore = page.has_more;
    this.touch();
  }

  async create(body: CreateThread): Promise<Thread> {
    const thread = await this._client.createThread(body);
    this._update(thread);
    return thread;
  }

  async rename(thread: Thread, title: string): Promise<Thread> {
    const metadata = { ...thread.metadata, title };
    const renamed = await this._client.modifyThread(thread.id, { metadata });
    this._update(renamed);
    return renamed;
  }

  async remove(id: string): Promise<void> {
    await this._client.deleteThread(id);
    this._threads = this._threads.filter(each => each.id !== id);
    this.touch();
  }

  /** Create a copy of a thread up to a message. */
  async branch(thread: Thread, until?: string): Promise<Thread> {
    const title = `${thread.metadata.title || thread.id} (branch)`;
    const metadata = { ...thread.metadata, title };
    const copy = await this._client.copyThread(thread.id, { until, metadata });
    this._update(copy);
    return copy;
  }

  /** Add or replace a thread that changed elsewhere. */
  update(thread: Thread): void {
    this._update(thread);
  }

  private _update(thread: Thread): void {
    const known = this._threads.some(each => each.id === thread.id);
    this._threads = known
      ? this._threads.map(each => (each.id === thread.id ? thread : each))
      : [thread, ...this._threads];
    this.touch();
  }

  private _threads: Thread[] = [];
  private _query = '';
  private _loading = false;
  private _error: Error | null = null;
  private _hasMore = false;
  private _request: AbortController | null = null;
}
