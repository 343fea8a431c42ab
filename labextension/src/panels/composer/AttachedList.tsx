import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';

/** The attachments of the message being written. */
export function AttachedList(): JSX.Element | null {
  const { panel, trans } = usePanel();
  const { composer } = panel;
  if (composer.attached.length === 0) {
    return null;
  }
  return (
    <ul className="jp-Assistants-attached" aria-label={trans.__('Attached')}>
      {composer.attached.map(each => (
        <li
          key={each.key}
          className={`jp-Assistants-file jp-mod-${each.state}`}
          title={each.error}
        >
          <span className="jp-Assistants-fileName">{visible(each.name)}</span>
          {each.state === 'uploading' && (
            <span className="jp-Assistants-fileSize" role="status">
              {trans.__('uploading …')}
            </span>
          )}
          {each.state === 'failed' && (
            <span className="jp-Assistants-fileSize" role="alert">
              {each.error}
            </span>
          )}
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove %1', each.name)}
            onClick={() => composer.remove(each.key)}
          />
        </li>
      ))}
    </ul>
  );
}
