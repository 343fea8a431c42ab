import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { CommandIDs } from '../commands';
import { assistantIcon } from '../icons';
import { IAssistants } from '../tokens';

/** The command that asks about files of the file browser. */
export const fileCommandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-assistants:file-commands',
  description: 'Adds the command that asks about files of the file browser.',
  autoStart: true,
  requires: [IAssistants, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    assistants: IAssistants,
    browsers: IFileBrowserFactory
  ): void => {
    const { panel, context, reveal } = assistants;
    const { trans } = context;
    const selected = (): string[] =>
      [...(browsers.tracker.currentWidget?.selectedItems() ?? [])]
        .filter(each => each.type !== 'directory')
        .map(each => each.path);
    app.commands.addCommand(CommandIDs.askFile, {
      label: () =>
        trans._n('Ask About This File', 'Ask About These Files', selected().length),
      caption: trans.__('Attach the file to a message'),
      icon: assistantIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: trans.__('The file; defaults to the selected files')
            }
          }
        }
      },
      isVisible: args => typeof args.path === 'string' || selected().length > 0,
      execute: async args => {
        const paths = typeof args.path === 'string' ? [args.path] : selected();
        reveal();
        panel.show('thread');
        panel.composer.propose('');
        for (const path of paths) {
          await panel.attempt(async () => {
            const content = await panel.workspace.readFile(path);
            await panel.composer.attach(content, path.split('/').pop() ?? path);
          });
        }
      }
    });
  }
};
