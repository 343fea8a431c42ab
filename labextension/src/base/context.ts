import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';
import { PanelModel } from '../panels/main/model';
import type { RunPreview } from '../wire/types';

/** One line of a menu. */
export interface MenuItem {
  label: string;
  run: () => unknown;
}

/** What components may ask JupyterLab to do; `lab/actions.ts` does it. */
export interface PanelActions {
  /** Ask before something is lost. */
  confirm(title: string, body: string, accept: string): Promise<boolean>;
  /** Ask for one line of text; null when the person leaves. */
  askText(title: string, label: string, value: string): Promise<string | null>;
  /** Let the browser save bytes as a file. */
  save(content: Blob, filename: string): void;
  copy(text: string): void;
  /** Do a command of JupyterLab. */
  execute(command: string, args?: ReadonlyPartialJSONObject): void;
  /** Put code into a new cell below the current one. */
  insertCell(code: string): void;
  /** Show what would change in the selected cell, and change it if the person agrees. */
  applyToCell(code: string): Promise<void>;
  /** Open a file that code wrote beside the notebook; false where there is none. */
  openBeside(path: string): Promise<boolean>;
  /** Show the text of a stored file, at a place. */
  openView(fileId: string, start: number | null, end: number | null): void;
  /** Show what a run would send. */
  showSent(preview: RunPreview): void;
  /** Show a menu at a place of the page. */
  menu(items: MenuItem[], x: number, y: number): void;
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
