import { ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';
import { PanelContext, PanelProvider } from '../../base/context';
import { Panel } from './view';
import { assistantIcon } from '../../icons';
import { guardClicks } from '../../renderers/safety/remoteImages';

/** Id of the panel in the shell. */
export const PANEL_ID = 'jupyter-assistants-panel';

/** The panel as a widget of the side bar. */
export class PanelWidget extends ReactWidget {
  constructor(private _context: PanelContext) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-Assistants');
    this.title.icon = assistantIcon;
    this.title.caption = _context.trans.__('Assistant');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _context.trans.__('Assistant'));
    guardClicks(this.node, _context.trans);
  }

  protected override render(): JSX.Element {
    return React.createElement(
      PanelProvider,
      { value: this._context },
      React.createElement(Panel)
    );
  }
}
