import { downloadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../model/hidden';
import { WrittenFile } from '../model/transcript';
import { usePanel } from './context';
import { IconButton } from './IconButton';

/** A file that code wrote, to be saved. */
export function FileChip(props: { file: WrittenFile }): JSX.Element {
  const { panel, trans, actions } = usePanel();
  const { file } = props;
  const name = file.filename.split('/').pop() || file.filename;
  const save = (): void =>
    void panel.attempt(async () =>
      actions.save(await panel.client.fileContent(file.file_id), name)
    );
  return (
    <span className="jp-Assistants-file">
      <span className="jp-Assistants-fileName">{visible(name)}</span>
      <span className="jp-Assistants-fileSize">{size(file.bytes)}</span>
      <IconButton
        icon={downloadIcon}
        label={trans.__('Download %1', visible(name))}
        onClick={save}
      />
    </span>
  );
}

/** Give a number of bytes for people. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
