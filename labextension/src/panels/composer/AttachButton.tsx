import { addAboveIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { usePanel } from '../../base/context';
import { FilePicker } from '../../base/FilePicker';
import { IconButton } from '../../base/IconButton';

/** Buttons that attach a local file or the selected cell. */
export function AttachButton(): JSX.Element {
  const { panel, trans } = usePanel();
  const notebook = panel.notebooks.current;
  const attachCell = (): void => {
    const cell = panel.workspace.activeCell();
    if (cell && notebook) {
      panel.composer.attachCell(cell, notebook.name);
    }
  };
  return (
    <>
      <FilePicker
        label={trans.__('Attach files')}
        inputLabel={trans.__('Files to attach')}
        onPick={files =>
          files.forEach(file => void panel.composer.attach(file, file.name))
        }
      />
      {notebook && (
        <IconButton
          icon={addAboveIcon}
          label={trans.__('Attach the selected cell')}
          onClick={attachCell}
        />
      )}
    </>
  );
}
