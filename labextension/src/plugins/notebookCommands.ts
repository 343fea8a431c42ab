import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker } from '@jupyterlab/notebook';
import { bugIcon, infoIcon } from '@jupyterlab/ui-components';
import { CommandIDs } from '../commands';
import { assistantIcon } from '../icons';
import { hasError, outputUnderMenu, selectionOf } from '../lab/cells';
import { fenced } from '../renderers/fenced';
import { IAssistants } from '../tokens';

/** Commands that ask about cells, errors, selections and outputs of the current notebook. */
export const notebookCommandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-assistants:notebook-commands',
  description: 'Adds the commands that ask about cells, errors and outputs.',
  autoStart: true,
  requires: [IAssistants, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    assistants: IAssistants,
    tracker: INotebookTracker,
    palette: ICommandPalette | null
  ): void => {
    const parts = { app, assistants, tracker };
    addCellCommands(parts);
    addSelectionCommand(parts);
    addOutputCommand(parts);
    watchActiveCell(parts);
    const category = assistants.context.trans.__('Assistant');
    const { askCell, explainCell, fixError, askSelection } = CommandIDs;
    for (const command of [askCell, explainCell, fixError, askSelection]) {
      palette?.addItem({ command, category });
    }
  }
};

interface Parts {
  app: JupyterFrontEnd;
  assistants: IAssistants;
  tracker: INotebookTracker;
}

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

function hasCell(tracker: INotebookTracker): boolean {
  return tracker.currentWidget !== null && tracker.activeCell !== null;
}

/** Put a question and the selected cell into the composer, and send it if `send` is set. */
async function ask(
  { panel, reveal }: IAssistants,
  question: string,
  send: boolean
): Promise<void> {
  const { composer, workspace } = panel;
  const active = workspace.activeCell();
  const notebook = panel.notebooks.current;
  const isEmpty = !composer.text.trim() && composer.attached.length === 0;
  reveal();
  panel.show('thread');
  if (active !== null && notebook !== null) {
    composer.attachCell(active, notebook.name);
  }
  composer.propose(question);
  // A draft that the person was writing is not sent for them.
  if (send && isEmpty) {
    await panel.submit();
  }
}

function addCellCommands({ app, assistants, tracker }: Parts): void {
  const { trans } = assistants.context;
  const description = trans.__(
    'Whether to send the question at once instead of putting it into the composer.'
  );
  const properties = { send: { type: 'boolean' as const, description } };
  const describedBy = { args: { type: 'object' as const, properties } };
  const isEnabled = (): boolean => hasCell(tracker);
  app.commands.addCommand(CommandIDs.askCell, {
    label: trans.__('Ask About This Cell'),
    caption: trans.__('Ask the assistant about this cell'),
    icon: assistantIcon,
    describedBy: NO_ARGS,
    isEnabled,
    execute: () => ask(assistants, '', false)
  });
  app.commands.addCommand(CommandIDs.explainCell, {
    label: trans.__('Explain This Cell'),
    caption: trans.__('Ask the assistant to explain this cell'),
    icon: infoIcon,
    describedBy,
    isEnabled,
    execute: args => {
      const question = trans.__('Explain this cell and its output.');
      return ask(assistants, question, args.send !== false);
    }
  });
  app.commands.addCommand(CommandIDs.fixError, {
    label: trans.__('Fix This Error'),
    caption: trans.__('Ask the assistant to fix the error in this cell'),
    icon: bugIcon,
    describedBy,
    isEnabled,
    isVisible: () => hasError(tracker.activeCell),
    execute: args => {
      const question = trans.__(
        'Why does this cell fail? Fix it and give me the whole cell.'
      );
      return ask(assistants, question, args.send !== false);
    }
  });
}

function addSelectionCommand({ app, assistants, tracker }: Parts): void {
  const { panel, context, reveal } = assistants;
  const { trans } = context;
  app.commands.addCommand(CommandIDs.askSelection, {
    label: trans.__('Ask About the Selection'),
    caption: trans.__('Ask the assistant about the selected code'),
    describedBy: NO_ARGS,
    isEnabled: () => hasCell(tracker) && selectionOf(tracker.activeCell) !== '',
    execute: () => {
      const language = panel.notebooks.current?.language ?? '';
      const text = fenced(selectionOf(tracker.activeCell), language);
      reveal();
      panel.show('thread');
      panel.composer.propose(`${text}\n`);
    }
  });
}

function addOutputCommand({ app, assistants, tracker }: Parts): void {
  const { trans } = assistants.context;
  app.commands.addCommand(CommandIDs.askOutput, {
    label: trans.__('Ask About This Output'),
    caption: trans.__('Ask the assistant about this output, including its image'),
    icon: assistantIcon,
    describedBy: NO_ARGS,
    isVisible: () => outputUnderMenu(app, tracker.currentWidget) !== null,
    execute: async () => {
      const found = outputUnderMenu(app, tracker.currentWidget);
      const notebook = tracker.currentWidget?.content;
      if (!found || !notebook) {
        return;
      }
      notebook.activeCellIndex = notebook.widgets.indexOf(found.cell);
      const { image, isError } = found.output;
      const question = isError
        ? trans.__('What does this error mean?')
        : image
          ? trans.__('What does this picture show?')
          : trans.__('What does this output say?');
      const asked = ask(assistants, question, false);
      if (image) {
        const kind = image.type.split('/')[1];
        await assistants.panel.composer.attach(image, `output.${kind}`);
      }
      await asked;
    }
  });
}

/** Keep commands up to date that depend on the active cell's outputs and selection. */
function watchActiveCell({ app, tracker }: Parts): void {
  const refresh = (): void => {
    for (const id of [CommandIDs.fixError, CommandIDs.askSelection]) {
      app.commands.notifyCommandChanged(id);
    }
  };
  let watched: Cell | null = null;
  const watch = (): void => {
    if (watched !== null && !watched.isDisposed) {
      watched.model.contentChanged.disconnect(refresh);
      watched.model.stateChanged.disconnect(refresh);
    }
    watched = tracker.activeCell;
    watched?.model.contentChanged.connect(refresh);
    watched?.model.stateChanged.connect(refresh);
    refresh();
  };
  tracker.activeCellChanged.connect(watch);
  tracker.selectionChanged.connect(refresh);
}
