import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { labActions } from '../lab/actions';
import { LabNotebooks } from '../lab/notebooks';
import { PANEL_ID, PanelWidget } from '../lab/panelWidget';
import { serverTransport } from '../lab/serverTransport';
import { Drafts } from '../model/drafts';
import { PanelModel } from '../model/panel';
import { untrustedRegistry } from '../rendering/registry';
import { IAssistants } from '../tokens';
import { AssistantsClient } from '../wire/client';

/** Name of the translations of this package. */
export const DOMAIN = 'jupyter_assistants';
const RANK = 600;

/** The panel in the right side bar. */
export const panelPlugin: JupyterFrontEndPlugin<IAssistants> = {
  id: 'jupyter-assistants:panel',
  description: 'Adds the side panel in which one chats with the notebook.',
  autoStart: true,
  provides: IAssistants,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): IAssistants => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const notebooks = new LabNotebooks(tracker);
    const client = new AssistantsClient(
      serverTransport(app.serviceManager.serverSettings)
    );
    const panel = new PanelModel({
      client,
      notebooks,
      drafts: new Drafts(localStorage)
    });
    const actions = labActions(notebooks);
    const widget = new PanelWidget({
      panel,
      trans,
      actions,
      rendermime: untrustedRegistry(rendermime, trans)
    });
    app.shell.add(widget, 'right', { rank: RANK });
    restorer?.add(widget, PANEL_ID);
    void app.restored.then(() => panel.start());
    const reveal = (): void => {
      app.shell.activateById(PANEL_ID);
      widget.node
        .querySelector<HTMLElement>('.jp-Assistants-composer textarea')
        ?.focus();
    };
    return { panel, notebooks, actions, reveal };
  }
};
