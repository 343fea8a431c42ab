import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../model/hidden';
import type { Thread } from '../wire/types';
import { NOTEBOOK } from '../model/panel';
import { usePanel } from './context';
import { IconButton } from './IconButton';

/** One thread of the list. */
export function ThreadRow(props: { thread: Thread; current: boolean }): JSX.Element {
  const { panel, trans, actions } = usePanel();
  const { thread, current } = props;
  const title = visible(thread.metadata.title || thread.id);
  const rename = async (): Promise<void> => {
    const name = await actions.askText(
      trans.__('Rename thread'),
      trans.__('Title'),
      thread.metadata.title || ''
    );
    if (name) {
      await panel.attempt(() => panel.threads.rename(thread, name));
    }
  };
  const remove = async (): Promise<void> => {
    const body = trans.__(
      '"%1" and its messages will be deleted. This cannot be undone.',
      title
    );
    if (await actions.confirm(trans.__('Delete thread?'), body, trans.__('Delete'))) {
      await panel.remove(thread.id);
    }
  };
  return (
    <li className="jp-Assistants-threadRow" aria-current={current || undefined}>
      <button
        type="button"
        className="jp-Assistants-threadOpen"
        onClick={() => void panel.open(thread)}
      >
        <span className="jp-Assistants-threadTitle">{title}</span>
        <span className="jp-Assistants-threadMeta">
          {new Date(thread.created_at * 1000).toLocaleString()}
          {thread.metadata[NOTEBOOK] ? ` · ${visible(thread.metadata[NOTEBOOK])}` : ''}
        </span>
      </button>
      <IconButton
        icon={editIcon}
        label={trans.__('Rename %1', title)}
        onClick={() => void rename()}
      />
      <IconButton
        icon={deleteIcon}
        label={trans.__('Delete %1', title)}
        onClick={() => void remove()}
      />
    </li>
  );
}
