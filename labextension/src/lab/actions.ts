import {
  Clipboard,
  Dialog,
  InputDialog,
  ReactWidget,
  showDialog
} from '@jupyterlab/apputils';
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { NotebookActions } from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';
import * as React from 'react';
import { MenuItem, PanelActions } from '../base/context';
import { DiffView } from '../panels/diff/view';
import { SentView } from '../panels/preview/view';
import { visible } from '../base/hiddenCharacters';
import type { RunPreview } from '../wire/types';
import { LabNotebooks } from './notebooks';

/** The panel's actions in this JupyterLab. */
export class LabActions implements PanelActions {
  constructor(
    private _notebooks: LabNotebooks,
    private _services: ServiceManager.IManager,
    private _documents: IDocumentManager,
    private _trans: TranslationBundle,
    private _commands: CommandRegistry
  ) {}

  async confirm(title: string, body: string, accept: string): Promise<boolean> {
    const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label: accept })];
    const shown = { title: visible(title), body: visible(body), buttons };
    return (await showDialog(shown)).button.accept;
  }

  async askText(title: string, label: string, text: string): Promise<string | null> {
    const result = await InputDialog.getText({ title: visible(title), label, text });
    return result.button.accept ? (result.value?.trim() ?? null) : null;
  }

  save(content: Blob, filename: string): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(content);
    link.download = filename;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  copy(text: string): void {
    Clipboard.copyToSystem(text);
  }

  execute(command: string, args?: ReadonlyPartialJSONObject): void {
    void this._commands.execute(command, args);
  }

  insertCell(code: string): void {
    const panel = this._notebooks.panel;
    if (panel !== null) {
      NotebookActions.insertBelow(panel.content);
      panel.content.activeCell?.model.sharedModel.setSource(code);
    }
  }

  async applyToCell(code: string): Promise<void> {
    const cell = this._notebooks.panel?.content.activeCell;
    if (!cell) {
      return;
    }
    const before = cell.model.sharedModel.getSource();
    const label = this._trans.__('Changes to the cell');
    const result = await showDialog({
      title: this._trans.__('Apply to the selected cell?'),
      body: drawn(React.createElement(DiffView, { before, after: code, label })),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: this._trans.__('Apply') })
      ]
    });
    if (result.button.accept && !cell.isDisposed) {
      cell.model.sharedModel.setSource(code);
    }
  }

  async openBeside(path: string): Promise<boolean> {
    const folder = PathExt.dirname(this._notebooks.current?.path ?? '');
    const full = path.startsWith('/') ? path.slice(1) : PathExt.join(folder, path);
    const found = await this._services.contents
      .get(full, { content: false })
      .catch(() => null);
    return found !== null && this._documents.openOrReveal(full) !== undefined;
  }

  openView(fileId: string, start: number | null, end: number | null): void {
    const base = URLExt.join(
      this._services.serverSettings.baseUrl,
      'assistants/v1/files'
    );
    const place = start === null ? '' : `?start=${start}&end=${end ?? start}`;
    const address = `${URLExt.join(base, encodeURIComponent(fileId), 'view')}${place}`;
    window.open(address, '_blank', 'noopener,noreferrer');
  }

  showSent(preview: RunPreview): void {
    const trans = this._trans;
    const labels = {
      title: trans.__('What is sent'),
      tokens: trans.__('tokens'),
      instructions: trans.__('Instructions'),
      history: trans.__('Messages'),
      tools: trans.__('Tools')
    };
    void showDialog({
      title: labels.title,
      body: drawn(React.createElement(SentView, { preview, labels })),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
  }

  menu(items: MenuItem[], x: number, y: number): void {
    const commands = new CommandRegistry();
    const menu = new Menu({ commands });
    items.forEach(({ label, run }, index) => {
      const id = String(index);
      commands.addCommand(id, { label: visible(label), execute: () => run() });
      menu.addItem({ command: id });
    });
    menu.open(x, y);
  }
}

/** Return an element as the body of a dialog. */
function drawn(element: JSX.Element): ReactWidget {
  const widget = ReactWidget.create(element);
  widget.addClass('jp-Assistants-dialog');
  return widget;
}
