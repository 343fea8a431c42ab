import { Suggestion } from './completion';
import { PanelContext } from '../../base/context';
import { saveExport } from '../threads/export';

interface SlashCommand {
  name: string;
  detail: string;
  run(): Promise<unknown> | void;
}

/** Return the slash commands that can be used now. */
function commands(context: PanelContext): SlashCommand[] {
  const { panel, trans } = context;
  const cell = panel.workspace.activeCell();
  const attach = (words: string): void => {
    if (cell) {
      panel.composer.attachCell(cell, panel.notebooks.current?.name ?? '');
      panel.composer.propose(words);
    }
  };
  const thread = panel.thread;
  const found: SlashCommand[] = [
    { name: 'new', detail: trans.__('Start a new thread'), run: () => panel.openNew() },
    {
      name: 'threads',
      detail: trans.__('Show all threads'),
      run: () => panel.show('threads')
    }
  ];
  if (cell) {
    found.push({
      name: 'explain',
      detail: trans.__('Explain the selected cell'),
      run: () => attach(trans.__('Explain this cell.'))
    });
  }
  if (cell?.error) {
    found.push({
      name: 'fix',
      detail: trans.__('Fix the error in the selected cell'),
      run: () => attach(trans.__('Fix the error in this cell.'))
    });
  }
  if (thread !== null) {
    found.push(
      {
        name: 'export-markdown',
        detail: trans.__('Save the thread as Markdown'),
        run: () => saveExport(context, thread.thread, 'markdown')
      },
      {
        name: 'export-notebook',
        detail: trans.__('Save the thread as a notebook'),
        run: () => saveExport(context, thread.thread, 'notebook')
      }
    );
  }
  return found;
}

/** Return the slash commands as suggestions. */
export function commandSuggestions(context: PanelContext): Suggestion[] {
  return commands(context).map(({ name, detail }) => ({
    kind: 'command',
    insert: '',
    label: name,
    detail,
    value: name
  }));
}

/** Run a slash command. */
export async function runCommand(context: PanelContext, name: string): Promise<void> {
  await commands(context)
    .find(each => each.name === name)
    ?.run();
}
