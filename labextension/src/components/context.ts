import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { PanelModel } from '../model/panel';

/** What components may ask JupyterLab to do; `lab/actions.ts` does it. */
export interface PanelActions {
  /** Ask before something is lost. */
  confirm(title: string, body: string, accept: string): Promise<boolean>;
  /** Ask for one line of text; null when the person leaves. */
  askText(title: string, label: string, value: string): Promise<string | null>;
  /** Let the browser save bytes as a file. */
  save(content: Blob, filename: string): void;
  copy(text: string): void;
  /** Put code into a new cell below the current one. */
  insertCell(code: string): void;
}

/** What every component can reach. */
export interface PanelContext {
  panel: PanelModel;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  actions: PanelActions;
}

const Context = React.createContext<PanelContext | null>(null);

export const PanelProvider = Context.Provider;

/** Give what every component can reach. */
export function usePanel(): PanelContext {
  const context = React.useContext(Context);
  if (context === null) {
    throw new Error('This component stands outside of the panel.');
  }
  return context;
}
