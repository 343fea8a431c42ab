import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';
import { CodeFieldFactory } from './codeField';
import { PanelModel } from '../panels/main/model';
import type { RunPreview } from '../wire/types';

/** One line of a menu. */
export interface MenuItem {
  label: string;
  run: () => unknown;
}

/** Actions in JupyterLab that components may request; `lab/actions.ts` implements them. */
export interface PanelActions {
  /** Ask for confirmation before something is lost. */
  confirm(title: string, body: string, accept: string): Promise<boolean>;
  /** Ask for one line of text; null if the dialog is cancelled. */
  askText(title: string, label: string, value: string): Promise<string | null>;
  /** Save bytes as a file through the browser. */
  save(content: Blob, filename: string): void;
  copy(text: string): void;
  /** Execute a command of JupyterLab. */
  execute(command: string, args?: ReadonlyPartialJSONObject): void;
  /** Insert code as a new cell below the current one. */
  insertCell(code: string): void;
  /** Show the difference to the selected cell, and apply it if the person agrees. */
  applyToCell(code: string): Promise<void>;
  /** Open a file that code wrote next to the notebook; false if there is none. */
  openBeside(path: string): Promise<boolean>;
  /** Show the text of a stored file at a range of characters. */
  openView(fileId: string, start: number | null, end: number | null): void;
  /** Show what a run would send. */
  showSent(preview: RunPreview): void;
  /** Show a menu at a position of the page. */
  menu(items: MenuItem[], x: number, y: number): void;
}

/** The objects that every component can use. */
export interface PanelContext {
  panel: PanelModel;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  actions: PanelActions;
  /** Creates editors for code that has to be read. */
  newCodeField: CodeFieldFactory;
}

const Context = React.createContext<PanelContext | null>(null);

export const PanelProvider = Context.Provider;

/** Return the objects that every component can use. */
export function usePanel(): PanelContext {
  const context = React.useContext(Context);
  if (context === null) {
    throw new Error('This component stands outside of the panel.');
  }
  return context;
}
