/** Calls at most once per interval; the last request is never lost. */
export class Pace {
  constructor(
    private _call: () => void,
    private _interval: number
  ) {}

  /** Ask for a call: at once when the last one is long ago, else when its time has come. */
  ask(): void {
    if (this._timer !== null) {
      return;
    }
    const wait = this._next - Date.now();
    if (wait <= 0) {
      this.now();
    } else {
      this._timer = setTimeout(() => this.now(), wait);
    }
  }

  /** Call without waiting. */
  now(): void {
    this.dispose();
    this._next = Date.now() + this._interval;
    this._call();
  }

  /** Forget a request that waits. */
  dispose(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }

  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _next = 0;
}
