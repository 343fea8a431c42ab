import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { LabActions } from '../lab/actions';
import { labCodeFields } from '../lab/codeField';
import { acceptDrops } from '../lab/drops';
import { LabNotebooks } from '../lab/notebooks';
import { PANEL_ID, PanelWidget } from '../panels/main/widget';
import { serverTransport } from '../lab/serverTransport';
import { LabWorkspace } from '../lab/workspace';
import { Drafts } from '../panels/composer/drafts';
import { PanelModel } from '../panels/main/model';
import { untrustedRegistry } from '../renderers/safety/mimeRegistry';
import { IAssistants } from '../tokens';
import { AssistantsClient } from '../wire/client';

/** Translation domain of this package. */
export const DOMAIN = 'jupyter_assistants';
const RANK = 600;

/** The panel in the right side bar. */
export const panelPlugin: JupyterFrontEndPlugin<IAssistants> = {
  id: 'jupyter-assistants:panel',
  description: 'Adds the side panel in which one chats with the notebook.',
  autoStart: true,
  provides: IAssistants,
  requires: [INotebookTracker, IRenderMimeRegistry, IDocumentManager, IEditorServices],
  optional: [IEditorLanguageRegistry, ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    documents: IDocumentManager,
    editors: IEditorServices,
    languages: IEditorLanguageRegistry | null,
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
      workspace: new LabWorkspace(app.serviceManager.contents, notebooks),
      drafts: new Drafts(localStorage)
    });
    const actions = new LabActions(
      notebooks,
      app.serviceManager,
      documents,
      trans,
      app.commands
    );
    const context = {
      panel,
      trans,
      actions,
      newCodeField: labCodeFields(editors),
      rendermime: untrustedRegistry(rendermime, trans, languages)
    };
    const widget = new PanelWidget(context);
    acceptDrops(widget, panel);
    app.shell.add(widget, 'right', { rank: RANK });
    restorer?.add(widget, PANEL_ID);
    void app.restored.then(() => panel.start());
    const reveal = (): void => {
      app.shell.activateById(PANEL_ID);
      widget.node
        .querySelector<HTMLElement>('.jp-Assistants-composer textarea')
        ?.focus();
    };
    return { panel, notebooks, actions, context, reveal };
  }
};
