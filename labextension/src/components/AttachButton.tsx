import { addAboveIcon, fileUploadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { usePanel } from './context';
import { IconButton } from './IconButton';

/** Attach a file of this computer, or the selected cell. */
export function AttachButton(): JSX.Element {
  const { panel, trans } = usePanel();
  const input = React.useRef<HTMLInputElement>(null);
  const notebook = panel.notebooks.current;
  const attachCell = (): void => {
    const cell = panel.workspace.activeCell();
    if (cell && notebook) {
      panel.composer.attachCell(cell, notebook.name);
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={trans.__('Files to attach')}
        onChange={event => {
          [...(event.target.files ?? [])].forEach(
            file => void panel.composer.attach(file, file.name)
          );
          event.target.value = '';
        }}
      />
      <IconButton
        icon={fileUploadIcon}
        label={trans.__('Attach files')}
        onClick={() => input.current?.click()}
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
