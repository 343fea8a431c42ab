import { AssistantsClient } from '../../wire/client';
import type { CreateThread, Thread } from '../../wire/types';
import { Observable } from '../../base/observable';

const PAGE = 50;

/** The threads of this person, newest first, or those that a search found. */
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

  /** Read the first page, of a search if `query` says so. */
  async load(query = this._query): Promise<void> {
    this._query = query;
    this._reading?.abort();
    const reading = (this._reading = new AbortController());
    this._loading = true;
    this.touch();
    try {
      const page = await this._client.listThreads(
        { limit: PAGE, query },
        reading.signal
      );
      this._threads = page.data;
      this._hasMore = page.has_more;
      this._error = null;
    } catch (error) {
      if (!reading.signal.aborted) {
        this._error = error as Error;
      }
    }
    if (this._reading === reading) {
      this._loading = false;
      this.touch();
    }
  }

  /** Read one page more. */
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
    this._put(thread);
    return thread;
  }

  async rename(thread: Thread, title: string): Promise<Thread> {
    const metadata = { ...thread.metadata, title };
    const renamed = await this._client.modifyThread(thread.id, { metadata });
    this._put(renamed);
    return renamed;
  }

  async remove(id: string): Promise<void> {
    await this._client.deleteThread(id);
    this._threads = this._threads.filter(each => each.id !== id);
    this.touch();
  }

  /** Make a thread that is a copy up to a message. */
  async branch(thread: Thread, until?: string): Promise<Thread> {
    const title = `${thread.metadata.title || thread.id} (branch)`;
    const metadata = { ...thread.metadata, title };
    const copy = await this._client.copyThread(thread.id, { until, metadata });
    this._put(copy);
    return copy;
  }

  /** Take a thread that changed elsewhere. */
  put(thread: Thread): void {
    this._put(thread);
  }

  private _put(thread: Thread): void {
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
  private _reading: AbortController | null = null;
}
