import { Observable } from '../../base/observable';

/** The settings; names and defaults are those of `schema/plugin.json`. */
export interface PreferenceValues {
  /** The model of new runs; empty for the assistant's own. */
  defaultModel: string;
  /** Whether code that is in no sandbox waits for approval. */
  approval: 'ask' | 'auto';
  /** How much of the notebook models see in a new thread. */
  context: 'none' | 'names' | 'schema' | 'rows';
  /** Whether Enter sends; otherwise it starts a new line and Accel Enter sends. */
  sendOnEnter: boolean;
  /** Updates per second of a streaming answer. */
  drawsPerSecond: number;
  showUsage: boolean;
  showStatus: boolean;
}

export const DEFAULTS: PreferenceValues = {
  defaultModel: '',
  approval: 'ask',
  context: 'schema',
  sendOnEnter: true,
  drawsPerSecond: 12,
  showUsage: true,
  showStatus: true
};

/** The settings, defaults until they are loaded. */
export class Preferences extends Observable {
  get values(): Readonly<PreferenceValues> {
    return this._values;
  }

  /** Milliseconds between two updates of a streaming answer. */
  get pace(): number {
    return Math.round(1000 / Math.min(Math.max(this._values.drawsPerSecond, 1), 30));
  }

  /** Change settings. */
  set(values: Partial<PreferenceValues>): void {
    this._values = { ...this._values, ...values };
    this.touch();
  }

  private _values = DEFAULTS;
}

/** Return whether a key press in the composer sends the message. */
export function sends(
  event: { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean },
  sendOnEnter: boolean
): boolean {
  if (event.key !== 'Enter' || event.shiftKey) {
    return false;
  }
  return sendOnEnter || event.ctrlKey || event.metaKey;
}
