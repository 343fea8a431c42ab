import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ReactWidget } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import * as React from 'react';
import { PanelProvider } from '../base/context';
import { StatusItem } from '../panels/status/view';
import { IAssistants } from '../tokens';

/** Model, state of the run and tokens in the status bar. A click opens the panel. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-assistants:status-bar',
  description: 'Shows the state of the assistant in the status bar.',
  autoStart: true,
  requires: [IAssistants, IStatusBar],
  activate: (_: JupyterFrontEnd, assistants: IAssistants, bar: IStatusBar): void => {
    const { context, reveal } = assistants;
    const item = ReactWidget.create(
      React.createElement(
        PanelProvider,
        { value: context },
        React.createElement(StatusItem, { onOpen: reveal })
      )
    );
    bar.registerStatusItem('jupyter-assistants:status', {
      item,
      align: 'right',
      rank: 90
    });
  }
};
