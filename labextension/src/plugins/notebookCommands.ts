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
    const { panel, context, reveal } = assistants;
    const { trans } = context;
    const { commands } = app;
    const { composer, workspace } = panel;
    const sendArgs = {
      args: {
        type: 'object' as const,
        properties: {
          send: {
            type: 'boolean' as const,
            description: trans.__(
              'Whether to send the question at once instead of putting it into the composer.'
            )
          }
        }
      }
    };
    const cell = (): Cell | null => tracker.activeCell;
    const hasCell = (): boolean =>
      tracker.currentWidget !== null && tracker.activeCell !== null;
    /** Put a question and the selected cell into the composer, and send it if `send` is set. */
    const ask = async (question: string, send: boolean): Promise<void> => {
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
    };

    commands.addCommand(CommandIDs.askCell, {
      label: trans.__('Ask About This Cell'),
      caption: trans.__('Ask the assistant about this cell'),
      icon: assistantIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: hasCell,
      execute: () => ask('', false)
    });
    commands.addCommand(CommandIDs.explainCell, {
      label: trans.__('Explain This Cell'),
      caption: trans.__('Ask the assistant to explain this cell'),
      icon: infoIcon,
      describedBy: sendArgs,
      isEnabled: hasCell,
      execute: args =>
        ask(trans.__('Explain this cell and its output.'), args.send !== false)
    });
    commands.addCommand(CommandIDs.fixError, {
      label: trans.__('Fix This Error'),
      caption: trans.__('Ask the assistant to fix the error in this cell'),
      icon: bugIcon,
      describedBy: sendArgs,
      isEnabled: hasCell,
      isVisible: () => hasError(cell()),
      execute: args =>
        ask(
          trans.__('Why does this cell fail? Fix it and give me the whole cell.'),
          args.send !== false
        )
    });
    commands.addCommand(CommandIDs.askSelection, {
      label: trans.__('Ask About the Selection'),
      caption: trans.__('Ask the assistant about the selected code'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => hasCell() && selectionOf(cell()) !== '',
      execute: () => {
        const language = panel.notebooks.current?.language ?? '';
        const text = fenced(selectionOf(cell()), language);
        reveal();
        panel.show('thread');
        composer.propose(`${text}\n`);
      }
    });
    commands.addCommand(CommandIDs.askOutput, {
      label: trans.__('Ask About This Output'),
      caption: trans.__('Ask the assistant about this output, including its image'),
      icon: assistantIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isVisible: () => outputUnderMenu(app, tracker.currentWidget) !== null,
      execute: async () => {
        const found = outputUnderMenu(app, tracker.currentWidget);
        const notebook = tracker.currentWidget?.content;
        if (!found || !notebook) {
          return;
        }
        notebook.activeCellIndex = notebook.widgets.indexOf(found.cell);
        const { image } = found.output;
        const asked = ask(
          found.output.isError
            ? trans.__('What does this error mean?')
            : image
              ? trans.__('What does this picture show?')
              : trans.__('What does this output say?'),
          false
        );
        if (image) {
          const kind = image.type.split('/')[1];
          await composer.attach(image, `output.${kind}`);
        }
        await asked;
      }
    });

    const refresh = (): void => {
      for (const id of [CommandIDs.fixError, CommandIDs.askSelection]) {
        commands.notifyCommandChanged(id);
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

    const category = trans.__('Assistant');
    const { askCell, explainCell, fixError, askSelection } = CommandIDs;
    for (const command of [askCell, explainCell, fixError, askSelection]) {
      palette?.addItem({ command, category });
    }
  }
};
