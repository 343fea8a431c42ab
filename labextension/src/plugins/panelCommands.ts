import {
  ILabShell,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { stopIcon } from '@jupyterlab/ui-components';
import { CommandIDs } from '../commands';
import { assistantIcon } from '../icons';
import { PANEL_ID } from '../panels/main/widget';
import { IAssistants } from '../tokens';

type Format = 'notebook' | 'markdown' | 'json';
const FORMATS: Format[] = ['notebook', 'markdown', 'json'];
const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

/** Commands of the panel itself. */
export const panelCommandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-assistants:panel-commands',
  description: 'Adds the commands that open, stop and export threads.',
  autoStart: true,
  requires: [IAssistants, INotebookTracker],
  optional: [ILabShell, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    assistants: IAssistants,
    notebooks: INotebookTracker,
    labShell: ILabShell | null,
    palette: ICommandPalette | null
  ): void => {
    const { panel, actions, context, reveal } = assistants;
    const { trans } = context;
    const { commands } = app;
    const isShown = (): boolean =>
      document.getElementById(PANEL_ID)?.classList.contains('lm-mod-hidden') === false;

    commands.addCommand(CommandIDs.open, {
      label: trans.__('Open the Assistant'),
      caption: trans.__('Show the panel and write a message'),
      icon: assistantIcon,
      describedBy: NO_ARGS,
      execute: reveal
    });
    commands.addCommand(CommandIDs.back, {
      label: trans.__('Go Back to the Notebook'),
      caption: trans.__('Keep the panel open and focus the notebook'),
      describedBy: NO_ARGS,
      isEnabled: () => notebooks.currentWidget !== null,
      execute: () => app.shell.activateById(notebooks.currentWidget!.id)
    });
    commands.addCommand(CommandIDs.toggle, {
      label: trans.__('Assistant Panel'),
      caption: trans.__('Show or hide the panel'),
      describedBy: NO_ARGS,
      isToggled: isShown,
      isVisible: () => labShell !== null,
      execute: () => (isShown() ? labShell?.collapseRight() : reveal())
    });
    commands.addCommand(CommandIDs.newThread, {
      label: trans.__('New Thread'),
      caption: trans.__('Start a new thread and keep the current one'),
      describedBy: NO_ARGS,
      execute: () => {
        panel.openNew();
        reveal();
      }
    });
    commands.addCommand(CommandIDs.showThreads, {
      label: trans.__('Show All Threads'),
      caption: trans.__('Search, rename, export or delete threads'),
      describedBy: NO_ARGS,
      execute: () => {
        reveal();
        panel.show('threads');
      }
    });
    commands.addCommand(CommandIDs.stop, {
      label: trans.__('Stop the Answer'),
      caption: trans.__('End the run and interrupt its code'),
      icon: stopIcon,
      describedBy: NO_ARGS,
      isEnabled: () => Boolean(panel.thread?.active),
      execute: () => panel.stop()
    });
    const names: Record<Format, string> = {
      notebook: trans.__('Notebook'),
      markdown: trans.__('Markdown'),
      json: trans.__('JSON')
    };
    const formatOf = (given: unknown): Format =>
      FORMATS.includes(given as Format) ? (given as Format) : 'notebook';
    commands.addCommand(CommandIDs.exportThread, {
      label: args =>
        args.isPalette
          ? trans.__('Export Thread as %1', names[formatOf(args.format)])
          : names[formatOf(args.format)],
      caption: trans.__('Save the open thread as a file'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            format: {
              type: 'string',
              enum: FORMATS,
              description: trans.__('File format')
            }
          }
        }
      },
      isEnabled: () => panel.thread !== null,
      execute: args =>
        panel.attempt(async () => {
          const format = formatOf(args.format);
          const { blob, filename } = await panel.client.exportThread(
            panel.thread!.id,
            format
          );
          actions.save(blob, filename);
        })
    });
    panel.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.stop);
      commands.notifyCommandChanged(CommandIDs.exportThread);
    });

    const category = trans.__('Assistant');
    const { open, back, newThread, showThreads, stop } = CommandIDs;
    for (const command of [open, back, newThread, showThreads, stop]) {
      palette?.addItem({ command, category });
    }
    for (const format of FORMATS) {
      const args = { format, isPalette: true };
      palette?.addItem({ command: CommandIDs.exportThread, args, category });
    }
  }
};
