import { Observable } from './observable';

/** A model that does things which may fail, and says what it does and what went wrong. */
export abstract class Attempting extends Observable {
  /** What went wrong last, until the next attempt. */
  get error(): Error | null {
    return this._error;
  }

  /** What is being done; empty when nothing is. */
  get doing(): string {
    return this._doing;
  }

  /** Do something that may fail, and show why it did. Gives whether it went well. */
  async attempt(action: () => Promise<unknown>, what = 'work'): Promise<boolean> {
    this._doing = what;
    this._error = null;
    this.touch();
    try {
      await action();
      return true;
    } catch (error) {
      this._error = error as Error;
      return false;
    } finally {
      this._doing = '';
      this.touch();
    }
  }

  /** Show what went wrong outside an attempt; null for nothing. */
  protected complain(error: Error | null): void {
    this._error = error;
    this.touch();
  }

  private _doing = '';
  private _error: Error | null = null;
}
