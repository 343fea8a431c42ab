import { PathExt } from '@jupyterlab/coreutils';
import { addIcon, caretLeftIcon, listIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { ThreadMenu } from '../threads/ThreadMenu';
import { useModel } from '../../base/useModel';

/** The title of the open thread, and navigation to others. */
export function Header(): JSX.Element {
  const { panel, trans } = usePanel();
  useModel(panel.thread);
  useModel(panel.notebooks);
  const listed = panel.page === 'threads';
  const title = listed
    ? trans.__('Threads')
    : visible(panel.thread?.title || trans.__('New thread'));
  const place = panel.codePlace;
  return (
    <div className="jp-Assistants-header">
      <IconButton
        icon={listed ? caretLeftIcon : listIcon}
        label={listed ? trans.__('Back to the thread') : trans.__('Show all threads')}
        onClick={() => panel.show(listed ? 'thread' : 'threads')}
      />
      <div className="jp-Assistants-headerText">
        <h2 title={title}>{title}</h2>
        {!listed && (
          <div className="jp-Assistants-place" title={place ? visible(place) : ''}>
            {place
              ? trans.__('Runs in %1', visible(PathExt.basename(place)))
              : trans.__('Runs in a kernel of its own')}
          </div>
        )}
      </div>
      {!listed && panel.thread && <ThreadMenu thread={panel.thread.thread} />}
      <IconButton
        icon={addIcon}
        label={trans.__('New thread')}
        onClick={() => panel.openNew()}
      />
    </div>
  );
}
