import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import type { Thread } from '../../wire/types';
import { usePanel } from '../../base/context';
import { saveExport } from './export';
import { IconButton } from '../../base/IconButton';

/** The menu of a thread: rename, copy, save, delete. */
export function ThreadMenu(props: { thread: Thread }): JSX.Element {
  const context = usePanel();
  const { panel, trans, actions } = context;
  const { thread } = props;
  const title = thread.metadata.title || thread.id;
  const open = (event: React.MouseEvent | null): void => {
    const items = [
      { label: trans.__('Rename …'), run: () => rename() },
      { label: trans.__('Copy'), run: () => copy() },
      {
        label: trans.__('Save as Markdown'),
        run: () => saveExport(context, thread, 'markdown')
      },
      {
        label: trans.__('Save as notebook'),
        run: () => saveExport(context, thread, 'notebook')
      },
      {
        label: trans.__('Save as JSON'),
        run: () => saveExport(context, thread, 'json')
      },
      { label: trans.__('Delete …'), run: () => remove() }
    ];
    const at = event?.currentTarget.getBoundingClientRect();
    actions.menu(items, at?.left ?? 0, at?.bottom ?? 0);
  };
  const rename = async (): Promise<void> => {
    const name = await actions.askText(
      trans.__('Rename thread'),
      trans.__('Title'),
      title
    );
    if (name) {
      await panel.rename(thread, name);
    }
  };
  const copy = async (): Promise<void> => {
    await panel.attempt(async () => panel.open(await panel.threads.branch(thread)));
  };
  const remove = async (): Promise<void> => {
    const body = trans.__(
      '"%1" and its messages will be deleted. This cannot be undone.',
      visible(title)
    );
    if (await actions.confirm(trans.__('Delete thread?'), body, trans.__('Delete'))) {
      await panel.remove(thread.id);
    }
  };
  return (
    <IconButton
      icon={ellipsesIcon}
      label={trans.__('More actions for %1', visible(title))}
      onClick={open}
      popup="menu"
    />
  );
}
