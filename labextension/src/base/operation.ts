import { Observable } from './observable';

/** A model whose operations may fail; it exposes the current operation and the last error. */
export abstract class OperationModel extends Observable {
  /** Error of the last operation, until the next one begins. */
  get error(): Error | null {
    return this._error;
  }

  /** Name of the current operation; empty for none. */
  get doing(): string {
    return this._doing;
  }

  /** Run an operation and expose its error; returns whether it succeeded. */
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

  /** Set or clear the error outside of an operation. */
  protected complain(error: Error | null): void {
    this._error = error;
    this.touch();
  }

  private _doing = '';
  private _error: Error | null = null;
}
