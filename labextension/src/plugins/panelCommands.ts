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
import { ExportFormat, saveExport } from '../panels/threads/export';
import { IAssistants } from '../tokens';

const FORMATS: ExportFormat[] = ['notebook', 'markdown', 'json'];
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
    addFocusCommands(app, assistants, notebooks, labShell);
    addThreadCommands(app, assistants);
    addExportCommand(app, assistants);
    assistants.panel.changed.connect(() => {
      app.commands.notifyCommandChanged(CommandIDs.stop);
      app.commands.notifyCommandChanged(CommandIDs.exportThread);
    });
    const category = assistants.context.trans.__('Assistant');
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

function addFocusCommands(
  app: JupyterFrontEnd,
  { context, reveal }: IAssistants,
  notebooks: INotebookTracker,
  labShell: ILabShell | null
): void {
  const { trans } = context;
  const isShown = (): boolean =>
    document.getElementById(PANEL_ID)?.classList.contains('lm-mod-hidden') === false;
  app.commands.addCommand(CommandIDs.open, {
    label: trans.__('Open the Assistant'),
    caption: trans.__('Show the panel and write a message'),
    icon: assistantIcon,
    describedBy: NO_ARGS,
    execute: reveal
  });
  app.commands.addCommand(CommandIDs.back, {
    label: trans.__('Go Back to the Notebook'),
    caption: trans.__('Keep the panel open and focus the notebook'),
    describedBy: NO_ARGS,
    isEnabled: () => notebooks.currentWidget !== null,
    execute: () => app.shell.activateById(notebooks.currentWidget!.id)
  });
  app.commands.addCommand(CommandIDs.toggle, {
    label: trans.__('Assistant Panel'),
    caption: trans.__('Show or hide the panel'),
    describedBy: NO_ARGS,
    isToggled: isShown,
    isVisible: () => labShell !== null,
    execute: () => (isShown() ? labShell?.collapseRight() : reveal())
  });
}

function addThreadCommands(app: JupyterFrontEnd, assistants: IAssistants): void {
  const { panel, context, reveal } = assistants;
  const { trans } = context;
  app.commands.addCommand(CommandIDs.newThread, {
    label: trans.__('New Thread'),
    caption: trans.__('Start a new thread and keep the current one'),
    describedBy: NO_ARGS,
    execute: () => {
      panel.openNew();
      reveal();
    }
  });
  app.commands.addCommand(CommandIDs.showThreads, {
    label: trans.__('Show All Threads'),
    caption: trans.__('Search, rename, export or delete threads'),
    describedBy: NO_ARGS,
    execute: () => {
      reveal();
      panel.show('threads');
    }
  });
  app.commands.addCommand(CommandIDs.stop, {
    label: trans.__('Stop the Answer'),
    caption: trans.__('End the run and interrupt its code'),
    icon: stopIcon,
    describedBy: NO_ARGS,
    isEnabled: () => Boolean(panel.thread?.active),
    execute: () => panel.stop()
  });
}

function addExportCommand(app: JupyterFrontEnd, assistants: IAssistants): void {
  const { panel, context } = assistants;
  const { trans } = context;
  const names: Record<ExportFormat, string> = {
    notebook: trans.__('Notebook'),
    markdown: trans.__('Markdown'),
    json: trans.__('JSON')
  };
  const formatOf = (value: unknown): ExportFormat =>
    FORMATS.find(each => each === value) ?? 'notebook';
  const description = trans.__('File format');
  const format = { type: 'string', enum: FORMATS, description } as const;
  app.commands.addCommand(CommandIDs.exportThread, {
    label: args =>
      args.isPalette
        ? trans.__('Export Thread as %1', names[formatOf(args.format)])
        : names[formatOf(args.format)],
    caption: trans.__('Save the open thread as a file'),
    describedBy: { args: { type: 'object', properties: { format } } },
    isEnabled: () => panel.thread !== null,
    execute: args => saveExport(context, panel.thread!.thread, formatOf(args.format))
  });
}
