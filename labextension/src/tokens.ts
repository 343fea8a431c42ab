import { Token } from '@lumino/coreutils';
import { PanelActions, PanelContext } from './base/context';
import { LabNotebooks } from './lab/notebooks';
import { PanelModel } from './panels/main/model';

/** The panel, for the other plug-ins of this extension. */
export interface IAssistants {
  /** The panel's model: threads, assistants, the client of the API. */
  readonly panel: PanelModel;
  readonly notebooks: LabNotebooks;
  readonly actions: PanelActions;
  /** The context that components of other widgets need. */
  readonly context: PanelContext;
  /** Bring the panel to the front and focus its composer. */
  reveal(): void;
}

export const IAssistants = new Token<IAssistants>(
  'jupyter-assistants:IAssistants',
  'The side panel of jupyter_assistants: its model, and how to bring it to the front.'
);
