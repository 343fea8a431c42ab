import { AssistantsClient } from './client';
import { everyPage } from './pages';
import { ServerEvent } from './events';
import type {
  CreateVectorStore,
  Deleted,
  File as StoredFile,
  FileCounts,
  FileList,
  SearchResults,
  Upload,
  UploadPart,
  VectorStore,
  VectorStoreFile,
  VectorStoreFileBatch,
  VectorStoreFileList,
  VectorStoreList
} from './types';

/** Size in bytes above which files are uploaded in parts, to show progress. */
export const PART = 4 * 1024 * 1024;

/** Data of the event `vector_store.progress`. */
export interface VectorStoreProgress {
  vector_store_id: string;
  status: VectorStore['status'];
  file_counts: FileCounts;
  files: IngestedFile[];
  seconds_left?: number;
}

/** A file that is being read or indexed. */
export interface IngestedFile {
  file_id: string;
  filename: string;
  stage: 'waiting' | 'reading' | 'indexing';
  done?: number;
  total?: number;
  chunks?: number;
  seconds_left?: number;
}

/** The operations on files and vector stores. */
export class VectorStoresClient {
  constructor(private _client: AssistantsClient) {}

  // -- files

  listFiles(after = ''): Promise<FileList> {
    return this._page('/files', after);
  }

  deleteFile(file: string): Promise<Deleted> {
    return this._client.request('DELETE', `/files/${encodeURIComponent(file)}`);
  }

  /** Upload a file and report the uploaded fraction. */
  async upload(
    file: File,
    onProgress: (part: number) => void,
    signal?: AbortSignal
  ): Promise<StoredFile> {
    if (file.size <= PART) {
      const form = new FormData();
      form.append('purpose', 'assistants');
      form.append('file', file, file.name);
      return this._client.sendForm('/files', form, signal);
    }
    const upload = await this._client.request<Upload>('POST', '/uploads', {
      filename: file.name,
      purpose: 'assistants',
      bytes: file.size,
      mime_type: file.type || 'application/octet-stream'
    });
    try {
      return await this._sendParts(upload.id, file, onProgress, signal);
    } catch (error) {
      await this._client
        .request('POST', `/uploads/${upload.id}/cancel`, {})
        .catch(() => undefined);
      throw error;
    }
  }

  // -- vector stores

  list(): Promise<VectorStore[]> {
    return everyPage(after => this._page<VectorStoreList>('/vector_stores', after));
  }

  create(body: CreateVectorStore): Promise<VectorStore> {
    return this._client.request('POST', '/vector_stores', body);
  }

  get(store: string): Promise<VectorStore> {
    return this._client.request('GET', path(store));
  }

  rename(store: string, name: string): Promise<VectorStore> {
    return this._client.request('POST', path(store), { name });
  }

  remove(store: string): Promise<Deleted> {
    return this._client.request('DELETE', path(store));
  }

  listEntries(store: string): Promise<VectorStoreFile[]> {
    const entries = `${path(store)}/files`;
    return everyPage(after => this._page<VectorStoreFileList>(entries, after));
  }

  attach(store: string, files: string[]): Promise<VectorStoreFileBatch> {
    const body = { file_ids: files };
    return this._client.request('POST', `${path(store)}/file_batches`, body);
  }

  /** Attach one file; one that is attached already is indexed again. */
  attachAgain(store: string, file: string): Promise<VectorStoreFile> {
    return this._client.request('POST', `${path(store)}/files`, { file_id: file });
  }

  detach(store: string, file: string): Promise<Deleted> {
    const entry = `${path(store)}/files/${encodeURIComponent(file)}`;
    return this._client.request('DELETE', entry);
  }

  search(store: string, query: string): Promise<SearchResults> {
    const body = { query, max_num_results: 5 };
    return this._client.request('POST', `${path(store)}/search`, body);
  }

  /** Yield the progress of a vector store until none of its files is in progress. */
  events(
    store: string,
    signal: AbortSignal
  ): AsyncGenerator<ServerEvent, void, undefined> {
    return this._client.events(`${path(store)}/events`, signal);
  }

  private _page<T>(path: string, after = ''): Promise<T> {
    const rest = after ? `&after=${encodeURIComponent(after)}` : '';
    return this._client.request('GET', `${path}?limit=100&order=desc${rest}`);
  }

  private async _sendParts(
    upload: string,
    file: File,
    onProgress: (part: number) => void,
    signal?: AbortSignal
  ): Promise<StoredFile> {
    const ids: string[] = [];
    for (let start = 0; start < file.size; start += PART) {
      const form = new FormData();
      form.append('data', file.slice(start, start + PART), file.name);
      const part: UploadPart = await this._client.sendForm(
        `/uploads/${upload}/parts`,
        form,
        signal
      );
      ids.push(part.id);
      onProgress(Math.min((start + PART) / file.size, 1));
    }
    const done: Upload = await this._client.request(
      'POST',
      `/uploads/${upload}/complete`,
      { part_ids: ids }
    );
    return done.file!;
  }
}

function path(store: string): string {
  return `/vector_stores/${encodeURIComponent(store)}`;
}
