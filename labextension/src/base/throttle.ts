/** Calls at most once per interval; the last request is never lost. */
export class Throttle {
  constructor(
    private _call: () => void,
    private _interval: number
  ) {}

  /** Request a call: at once if the interval has passed, else when it has. */
  request(): void {
    if (this._timer !== null) {
      return;
    }
    const wait = this._next - Date.now();
    if (wait <= 0) {
      this.flush();
    } else {
      this._timer = setTimeout(() => this.flush(), wait);
    }
  }

  /** Call without waiting. */
  flush(): void {
    this.dispose();
    this._next = Date.now() + this._interval;
    this._call();
  }

  /** Cancel a pending call. */
  dispose(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }

  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _next = 0;
}
