import { Token } from '@lumino/coreutils';
import { PanelActions, PanelContext } from './base/context';
import { LabNotebooks } from './lab/notebooks';
import { PanelModel } from './panels/main/model';

/** What the other plug-ins of this extension build on. */
export interface IAssistants {
  /** The panel's model: threads, assistants, the client of the API. */
  readonly panel: PanelModel;
  readonly notebooks: LabNotebooks;
  readonly actions: PanelActions;
  /** What components of other widgets need to be drawn. */
  readonly context: PanelContext;
  /** Bring the panel to the front and put the focus into its composer. */
  reveal(): void;
}

export const IAssistants = new Token<IAssistants>(
  'jupyter-assistants:IAssistants',
  'The side panel of jupyter_assistants: its model, and how to bring it to the front.'
);
