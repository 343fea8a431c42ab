import { ApiError } from './errors';
import { readEvents, ServerEvent } from './events';

/** State of a feed; `ended` is final. */
export type FeedState = 'connecting' | 'live' | 'lost' | 'ended';

/** Callbacks of a feed's reader. */
export interface FeedReader {
  onEvent(event: ServerEvent): void;
  onState(state: FeedState): void;
  /** Called after a break, before the next event, to load what was missed. */
  onGap(): Promise<void>;
}

/** Opens the stream after an event; null for its beginning. */
export type OpenFeed = (after: string | null, signal: AbortSignal) => Promise<Response>;

export namespace Feed {
  export interface IOptions {
    open: OpenFeed;
    reader: FeedReader;
    /** Milliseconds before attempt `n` (from 0) to connect again. */
    delay?: (attempt: number) => number;
  }
}

/**
 * Reads a stream of events until disposed, across breaks of the connection.
 *
 * Events carry ids; after a break the feed resumes after the last one.
 */
export class Feed {
  constructor(private _options: Feed.IOptions) {
    void this._read();
  }

  /** Stop reading. */
  dispose(): void {
    this._abort.abort();
    this._wake?.();
  }

  /** Reconnect now if the feed waits to, for example because the network came back. */
  retry(): void {
    this._wake?.();
  }

  private async _read(): Promise<void> {
    let attempt = 0;
    const { reader } = this._options;
    while (!this._abort.signal.aborted) {
      reader.onState(attempt === 0 ? 'connecting' : 'lost');
      try {
        const response = await this._options.open(this._last, this._abort.signal);
        if (attempt > 0 || this._broken) {
          await reader.onGap();
        }
        attempt = 0;
        reader.onState('live');
        for await (const event of readEvents(response)) {
          if (this._abort.signal.aborted) {
            return;
          }
          this._last = event.id || this._last;
          reader.onEvent(event);
        }
      } catch (error) {
        if (this._isFinal(error)) {
          reader.onState('ended');
          return;
        }
      }
      this._broken = true;
      if (!this._abort.signal.aborted) {
        reader.onState('lost');
        await this._pause(attempt++);
      }
    }
  }

  private _isFinal(error: unknown): boolean {
    if (!(error instanceof ApiError)) {
      return false;
    }
    if (error.status === 400 && this._last !== null) {
      // The server no longer knows this event.
      this._last = null;
      return false;
    }
    return error.status === 404 || error.status === 403;
  }

  private _pause(attempt: number): Promise<void> {
    const delay = this._options.delay ?? backOff;
    return new Promise(resolve => {
      const timer = setTimeout(resolve, delay(attempt));
      this._wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private _abort = new AbortController();
  private _last: string | null = null;
  private _broken = false;
  private _wake: (() => void) | null = null;
}

/** Return the delay in milliseconds: doubling from 0.5 s to 15 s, with jitter so that clients spread. */
export function backOff(attempt: number): number {
  return Math.min(500 * 2 ** attempt, 15_000) * (0.75 + Math.random() / 2);
}
