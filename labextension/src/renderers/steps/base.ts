import type { TranslationBundle } from '@jupyterlab/translation';
import type { ComponentType } from 'react';
import { CallEntry } from '../../wire/transcript';

/** Code that stands folded under the heading of a card. */
export interface FoldedCode {
  text: string;
  language: string;
  /** Offer to copy it and to put it into a cell. */
  tools?: boolean;
}

/** How calls of one type of tool are shown; everything but the heading may be left out. */
export interface StepRenderer {
  /** Return the heading of a call's card. */
  title(call: CallEntry, running: boolean, trans: TranslationBundle): string;
  /** Return what is folded under the heading, if anything is. */
  code?(call: CallEntry): FoldedCode;
  /** Draws what only calls of this type have. */
  Details?: ComponentType<{ call: CallEntry }>;
}
