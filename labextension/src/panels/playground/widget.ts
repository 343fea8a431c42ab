import { ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';
import { PanelContext, PanelProvider } from '../../base/context';
import { Playground } from './view';
import { assistantIcon } from '../../icons';
import { PlaygroundModel } from './model';

/** Id of the playground in the shell. */
export const PLAYGROUND_ID = 'jupyter-assistants-playground';

/** The playground as a widget of the main area. */
export class PlaygroundWidget extends ReactWidget {
  constructor(
    readonly model: PlaygroundModel,
    private _context: PanelContext
  ) {
    super();
    this.id = PLAYGROUND_ID;
    this.addClass('jp-Assistants');
    this.title.icon = assistantIcon;
    this.title.label = _context.trans.__('Assistants playground');
    this.title.caption = this.title.label;
    this.title.closable = true;
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return React.createElement(
      PanelProvider,
      { value: this._context },
      React.createElement(Playground, { model: this.model })
    );
  }
}
