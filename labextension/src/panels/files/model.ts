import { ServerEvent } from '../../wire/events';
import type {
  File as StoredFile,
  SearchResult,
  VectorStore,
  VectorStoreFile
} from '../../wire/types';
import { VectorStoreProgress, VectorStoresClient } from '../../wire/vectorStores';
import { OperationModel } from '../../base/operation';

/** An upload in progress. */
export interface PendingUpload {
  name: string;
  /** Fraction that was uploaded; null while unknown. */
  fraction: number | null;
}

const RETRY_DELAY = 1000;

/** Files and vector stores, with the progress of uploads and indexing. */
export class FilesModel extends OperationModel {
  constructor(private _client: VectorStoresClient) {
    super();
  }

  get files(): StoredFile[] {
    return this._files;
  }

  get hasMore(): boolean {
    return this._hasMore;
  }

  get stores(): VectorStore[] {
    return this._stores;
  }

  /** The open vector store. */
  get store(): VectorStore | null {
    return this._stores.find(each => each.id === this._open) ?? null;
  }

  /** The files of the open vector store. */
  get entries(): VectorStoreFile[] {
    return this._entries;
  }

  get uploads(): PendingUpload[] {
    return this._uploads;
  }

  /** Results of the trial search; null before one. */
  get found(): SearchResult[] | null {
    return this._found;
  }

  get busy(): boolean {
    return this.doing !== '';
  }

  /** Return the indexing progress of a vector store; null when nothing is in progress. */
  progress(store: string): VectorStoreProgress | null {
    return this._progress.get(store) ?? null;
  }

  /** Return the name of a file; its id if the file is unknown. */
  nameOf(file: string): string {
    return this._files.find(each => each.id === file)?.filename ?? file;
  }

  /** Load the files and the vector stores, and follow those that are being indexed. */
  async load(): Promise<void> {
    await this.attempt(async () => {
      const [files, stores] = await Promise.all([
        this._client.listFiles(),
        this._client.list()
      ]);
      this._files = files.data;
      this._hasMore = files.has_more;
      this._stores = stores;
      stores
        .filter(each => each.file_counts.in_progress > 0)
        .forEach(each => this._follow(each.id));
    });
  }

  async loadMore(): Promise<void> {
    await this.attempt(async () => {
      const page = await this._client.listFiles(this._files[this._files.length - 1].id);
      this._files = [...this._files, ...page.data];
      this._hasMore = page.has_more;
    });
  }

  /** Upload files one at a time, and attach them to a vector store if one is named. */
  async upload(files: File[], store = ''): Promise<StoredFile[]> {
    const sent: StoredFile[] = [];
    await this.attempt(async () => {
      for (const file of files) {
        sent.push(await this._send(file));
      }
    });
    if (store && sent.length > 0) {
      await this.attach(
        store,
        sent.map(each => each.id)
      );
    }
    return sent;
  }

  async removeFile(file: string): Promise<void> {
    await this.attempt(async () => {
      await this._client.deleteFile(file);
      this._files = this._files.filter(each => each.id !== file);
      this._entries = this._entries.filter(each => each.id !== file);
    });
  }

  async create(name: string): Promise<void> {
    await this.attempt(async () => {
      const created = await this._client.create({ name });
      this._stores = [created, ...this._stores];
      this._open = created.id;
      this._entries = [];
      this._found = null;
    });
  }

  async rename(store: string, name: string): Promise<void> {
    await this.attempt(async () =>
      this._update(await this._client.rename(store, name))
    );
  }

  async remove(store: string): Promise<void> {
    await this.attempt(async () => {
      await this._client.remove(store);
      this._following.get(store)?.abort();
      this._stores = this._stores.filter(each => each.id !== store);
    });
  }

  /** Open a vector store. */
  async open(store: string): Promise<void> {
    this._open = store;
    this._entries = [];
    this._found = null;
    await this.attempt(() => this._readEntries(store));
  }

  async attach(store: string, files: string[]): Promise<void> {
    await this.attempt(async () => {
      await this._client.attach(store, files);
      await this._readEntries(store);
    });
    this._follow(store);
  }

  /** Index a file again that failed. */
  async attachAgain(store: string, file: string): Promise<void> {
    await this.attempt(async () => {
      await this._client.attachAgain(store, file);
      await this._readEntries(store);
    });
    this._follow(store);
  }

  async detach(store: string, file: string): Promise<void> {
    await this.attempt(async () => {
      await this._client.detach(store, file);
      await this._readEntries(store);
      this._update(await this._client.get(store));
    });
  }

  /** Search the open vector store. */
  async search(query: string): Promise<void> {
    const store = this._open;
    await this.attempt(async () => {
      const found = (await this._client.search(store, query)).data;
      if (this._open === store) {
        this._found = found;
      }
    });
  }

  /** Stop following streams. */
  dispose(): void {
    this._following.forEach(each => each.abort());
    this._disposed = true;
  }

  private async _send(file: File): Promise<StoredFile> {
    const upload: PendingUpload = { name: file.name, fraction: null };
    this._uploads = [...this._uploads, upload];
    this.touch();
    try {
      const stored = await this._client.upload(file, fraction => {
        upload.fraction = fraction;
        this.touch();
      });
      this._files = [stored, ...this._files];
      return stored;
    } finally {
      this._uploads = this._uploads.filter(each => each !== upload);
      this.touch();
    }
  }

  /** Read the files of a vector store, and once more if an event overtook the answer. */
  private async _readEntries(store: string): Promise<void> {
    await this._replaceEntries(store);
    await this._catchUp(store);
  }

  /**
   * Read the files again if more are shown as in progress than there are.
   *
   * A file that ends before the server first sees it in progress has no event of its own: one that
   * is short, between the list of files and the stream of events.
   */
  private async _catchUp(store: string): Promise<void> {
    const open = this._progress.get(store)?.file_counts.in_progress ?? Infinity;
    const shown = this._entries.filter(each => each.status === 'in_progress').length;
    if (this._open === store && shown > open) {
      await this._replaceEntries(store);
    }
  }

  private async _replaceEntries(store: string): Promise<void> {
    const reading = ++this._reading;
    const entries = await this._client.listEntries(store);
    // An answer that was overtaken by that of a later request is older than what is shown.
    if (this._open === store && reading === this._reading) {
      this._entries = entries;
      this.touch();
    }
  }

  private _update(store: VectorStore): void {
    this._stores = this._stores.map(each => (each.id === store.id ? store : each));
    this.touch();
  }

  // -- following

  private _follow(store: string): void {
    if (this._following.has(store) || this._disposed) {
      return;
    }
    const abort = new AbortController();
    this._following.set(store, abort);
    void this._read(store, abort.signal).finally(() => {
      this._following.delete(store);
      this._progress.delete(store);
      this.touch();
    });
  }

  private async _read(store: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of this._client.events(store, signal)) {
          // One at a time: an event is newer than what was read before it, and must not be lost.
          await this._handleEvent(store, event);
        }
        const fresh = await this._client.get(store);
        this._update(fresh);
        if (fresh.file_counts.in_progress === 0) {
          await this._readEntries(store);
          return;
        }
      } catch (error) {
        if (signal.aborted || 'status' in (error as object)) {
          return; // The vector store is gone.
        }
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_DELAY));
    }
  }

  private async _handleEvent(store: string, event: ServerEvent): Promise<void> {
    if (event.event === 'vector_store.progress') {
      const progress = event.data as VectorStoreProgress;
      this._progress.set(store, progress);
      const { status, file_counts } = progress;
      const known = this._stores.find(each => each.id === store);
      if (known !== undefined) {
        this._update({ ...known, status, file_counts });
      }
      await this._catchUp(store);
    } else if (event.event.startsWith('vector_store.file.')) {
      const entry = event.data as VectorStoreFile;
      this._entries = this._entries.map(each => (each.id === entry.id ? entry : each));
      this.touch();
    }
  }

  private _files: StoredFile[] = [];
  private _hasMore = false;
  private _stores: VectorStore[] = [];
  private _open = '';
  private _entries: VectorStoreFile[] = [];
  private _reading = 0;
  private _uploads: PendingUpload[] = [];
  private _found: SearchResult[] | null = null;
  private _progress = new Map<string, VectorStoreProgress>();
  private _following = new Map<string, AbortController>();
  private _disposed = false;
}
