import { ISignal, Signal } from '@lumino/signaling';

/** What views look at: a revision that grows, and a signal when it did. */
export interface Observed {
  readonly changed: ISignal<Observed, void>;
  readonly revision: number;
}

/** A model that says when it changed. */
export abstract class Observable implements Observed {
  /** Emitted behind every change that can be seen. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Grows with every change, so that a view can tell whether it is out of date. */
  get revision(): number {
    return this._revision;
  }

  /** Say that something changed. */
  protected touch(): void {
    this._revision += 1;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _revision = 0;
}
