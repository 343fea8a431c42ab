import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import type { Thread } from '../../wire/types';
import { NOTEBOOK } from '../main/model';
import { usePanel } from '../../base/context';
import { ThreadMenu } from './ThreadMenu';

/** One thread of the list. */
export function ThreadRow(props: { thread: Thread; current: boolean }): JSX.Element {
  const { panel } = usePanel();
  const { thread, current } = props;
  const title = visible(thread.metadata.title || thread.id);
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
      <ThreadMenu thread={thread} />
    </li>
  );
}
