/** Storage for drafts, like the browser's `localStorage`. */
export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Unsent messages by thread. They survive a reload. */
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

  /** Store a draft; an empty one is removed. Where storage is full, only a reload loses it. */
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
