import { ISignal, Signal } from '@lumino/signaling';

/** Something that views observe: a revision number and a signal of changes. */
export interface Observed {
  readonly changed: ISignal<Observed, void>;
  readonly revision: number;
}

/** A model that signals its changes. */
export abstract class Observable implements Observed {
  /** Emitted after every visible change. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Grows with every change, so that views know whether they are out of date. */
  get revision(): number {
    return this._revision;
  }

  /** Signal a change. */
  protected touch(): void {
    this._revision += 1;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _revision = 0;
}
