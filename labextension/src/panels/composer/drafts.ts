/** Where drafts are kept; the browser's `localStorage` is one such place. */
export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What somebody wrote and did not send yet, by thread. It survives a reload. */
export class Drafts {
  constructor(
    private _storage: DraftStorage,
    private _prefix = 'jupyter-assistants:draft:'
  ) {}

  read(thread: string): string {
    try {
      return this._storage.getItem(this._prefix + thread) ?? '';
    } catch {
      return '';
    }
  }

  /** Keep a draft; an empty one is forgotten. A full storage loses it only at the next reload. */
  write(thread: string, text: string): void {
    try {
      if (text) {
        this._storage.setItem(this._prefix + thread, text);
      } else {
        this._storage.removeItem(this._prefix + thread);
      }
    } catch {
      return;
    }
  }
}
