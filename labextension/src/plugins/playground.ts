import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { TranslationBundle } from '@jupyterlab/translation';
import { assistantIcon } from '../icons';
import { PLAYGROUND_ID, PlaygroundWidget } from '../panels/playground/widget';
import { CommandIDs } from '../commands';
import { PlaygroundModel, Tab, TABS } from '../panels/playground/model';
import { IAssistants } from '../tokens';

/** The playground: assistants, runs, files, and the first steps. */
export const playgroundPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-assistants:playground',
  description: 'Adds the playground for assistants, runs and files.',
  autoStart: true,
  requires: [IAssistants],
  optional: [ILayoutRestorer, ILauncher, ILabShell, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    assistants: IAssistants,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    labShell: ILabShell | null,
    palette: ICommandPalette | null
  ): void => {
    const { context } = assistants;
    const { trans } = context;
    const tracker = new WidgetTracker<PlaygroundWidget>({ namespace: PLAYGROUND_ID });
    // Notebook 7 has one document in its main area; the playground opens below it.
    const area = labShell === null ? 'down' : 'main';
    const open = (): PlaygroundWidget => {
      const known = tracker.currentWidget;
      if (known !== null) {
        return known;
      }
      const created = new PlaygroundWidget(new PlaygroundModel(context.panel), context);
      created.toggleClass('jp-mod-below', area === 'down');
      app.shell.add(created, area);
      void tracker.add(created);
      return created;
    };
    addOpenCommand(app, trans, open);
    void restorer?.restore(tracker, {
      command: CommandIDs.openPlayground,
      args: widget => ({ tab: widget.model.tab }),
      name: () => PLAYGROUND_ID
    });
    palette?.addItem({
      command: CommandIDs.openPlayground,
      args: { isPalette: true },
      category: trans.__('Assistant')
    });
    launcher?.add({
      command: CommandIDs.openPlayground,
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 50
    });
  }
};

/** Add the command that opens the playground, at a tab or at the runs of a thread. */
function addOpenCommand(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  open: () => PlaygroundWidget
): void {
  const properties = {
    tab: { type: 'string', enum: [...TABS], description: trans.__('The tab to open') },
    thread: {
      type: 'string',
      description: trans.__('The thread whose runs are shown')
    }
  };
  app.commands.addCommand(CommandIDs.openPlayground, {
    label: args =>
      args.isPalette || args.isLauncher
        ? trans.__('Assistants Playground')
        : trans.__('Playground'),
    caption: trans.__('Assistants, runs, files and setup'),
    icon: assistantIcon,
    describedBy: { args: { type: 'object', properties } },
    execute: args => {
      const widget = open();
      if (TABS.includes(args.tab as Tab)) {
        widget.model.show(args.tab as Tab);
      }
      if (typeof args.thread === 'string') {
        widget.model.show('runs');
        void widget.model.inspector.open(args.thread);
      }
      app.shell.activateById(widget.id);
    }
  });
}
