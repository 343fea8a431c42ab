import { undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../base/hiddenCharacters';
import type { Changes } from '../wire/types';
import { usePanel } from '../base/context';
import { IconButton } from '../base/IconButton';

/** What code changed in the kernel and its folder, with Undo. */
export function ChangesNote(props: {
  changes: Changes;
  onUndo: () => void;
}): JSX.Element | null {
  const { trans } = usePanel();
  const { variables, files, settings, undo, note } = props.changes;
  const parts = [
    ...named(trans.__('new'), [...variables.new, ...files.new]),
    ...named(trans.__('changed'), [...variables.changed, ...files.changed]),
    ...named(trans.__('deleted'), [...variables.deleted, ...files.deleted]),
    ...named(trans.__('settings'), settings ?? [])
  ];
  if (parts.length === 0) {
    return null;
  }
  return (
    <div className="jp-Assistants-changes">
      <span className="jp-Assistants-note" title={note}>
        {visible(parts.join(' · '))}
      </span>
      {undo === 'undone' && (
        <span className="jp-Assistants-note">{trans.__('undone')}</span>
      )}
      {(undo === 'full' || undo === 'partial') && (
        <IconButton icon={undoIcon} label={trans.__('Undo')} onClick={props.onUndo} />
      )}
    </div>
  );
}

function named(word: string, names: string[]): string[] {
  return names.length > 0 ? [`${word}: ${names.join(', ')}`] : [];
}
