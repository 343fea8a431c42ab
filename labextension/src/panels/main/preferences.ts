import { Observable } from '../../base/observable';

/** What a person can set; the names and the defaults are those of `schema/plugin.json`. */
export interface PreferenceValues {
  /** The model of new runs; empty for the assistant's own. */
  defaultModel: string;
  /** Whether code in a live kernel waits for an approval. */
  approval: 'ask' | 'auto';
  /** How much of the notebook a new thread lets models see. */
  context: 'none' | 'names' | 'schema' | 'rows';
  /** Whether Enter sends; otherwise it breaks the line and Accel Enter sends. */
  sendOnEnter: boolean;
  /** How often a second an answer that streams is drawn. */
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

/** The settings of this person, as far as they are read. */
export class Preferences extends Observable {
  get values(): Readonly<PreferenceValues> {
    return this._values;
  }

  /** Milliseconds between two drawings of an answer that streams. */
  get pace(): number {
    return Math.round(1000 / Math.min(Math.max(this._values.drawsPerSecond, 1), 30));
  }

  /** Take what the settings say. */
  set(values: Partial<PreferenceValues>): void {
    this._values = { ...this._values, ...values };
    this.touch();
  }

  private _values = DEFAULTS;
}

/** Whether a key in the composer sends. */
export function sends(
  event: { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean },
  sendOnEnter: boolean
): boolean {
  if (event.key !== 'Enter' || event.shiftKey) {
    return false;
  }
  return sendOnEnter || event.ctrlKey || event.metaKey;
}
