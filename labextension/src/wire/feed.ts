import { ApiError } from './errors';
import { readEvents, ServerEvent } from './events';

/** Where a feed stands: it is read, it is being connected, or it ended for good. */
export type FeedState = 'connecting' | 'live' | 'lost' | 'ended';

/** What a reader of a feed is told. */
export interface FeedReader {
  onEvent(event: ServerEvent): void;
  onState(state: FeedState): void;
  /** Called behind a break, before the first event that follows: what was missed is to be read. */
  onGap(): Promise<void>;
}

/** Opens the stream behind an event; null from the beginning. */
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
 * Reads a stream of events for as long as it is wanted, also over breaks of the connection.
 *
 * Events carry ids; after a break the feed goes on behind the last one it saw.
 */
export class Feed {
  constructor(private _options: Feed.IOptions) {
    void this._read();
  }

  /** Read no more. */
  dispose(): void {
    this._abort.abort();
    this._wake?.();
  }

  /** Connect now if the feed waits to do so, for example because the network came back. */
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
      // The server does not know this place any more.
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

/** Half a second, then twice as long each time, up to 15 s; spread so that not all come at once. */
export function backOff(attempt: number): number {
  return Math.min(500 * 2 ** attempt, 15_000) * (0.75 + Math.random() / 2);
}
