import { Clipboard, Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { NotebookActions } from '@jupyterlab/notebook';
import { PanelActions } from '../components/context';
import { LabNotebooks } from './notebooks';

/** Give what components may ask this JupyterLab to do. */
export function labActions(notebooks: LabNotebooks): PanelActions {
  return {
    confirm: async (title, body, accept) => {
      const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label: accept })];
      return (await showDialog({ title, body, buttons })).button.accept;
    },
    askText: async (title, label, text) => {
      const result = await InputDialog.getText({ title, label, text });
      return result.button.accept ? (result.value?.trim() ?? null) : null;
    },
    save,
    copy: text => Clipboard.copyToSystem(text),
    insertCell: code => {
      const panel = notebooks.panel;
      if (panel !== null) {
        NotebookActions.insertBelow(panel.content);
        panel.content.activeCell?.model.sharedModel.setSource(code);
      }
    }
  };
}

function save(content: Blob, filename: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
