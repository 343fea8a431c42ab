import { downloadIcon, launchIcon, tableRowsIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../base/hiddenCharacters';
import { WrittenFile } from '../wire/transcript';
import { usePanel } from '../base/context';
import { IconButton } from '../base/IconButton';
import { TablePreview } from './TablePreview';

const TABLE = /\.(csv|tsv)$/i;

export namespace FileChip {
  export interface IProps {
    file: WrittenFile;
    /** Show a table's first rows at once. */
    preview?: boolean;
  }
}

/** A file that can be opened and downloaded; tables have a preview. */
export function FileChip(props: FileChip.IProps): JSX.Element {
  const { panel, trans, actions } = usePanel();
  const { file } = props;
  const name = file.filename.split('/').pop() || file.filename;
  const shownName = visible(name);
  const [shown, setShown] = React.useState(props.preview === true && TABLE.test(name));
  const save = (): void =>
    void panel.attempt(async () =>
      actions.save(await panel.client.fileContent(file.file_id), name)
    );
  const open = (): void =>
    void panel.attempt(async () => {
      if (!(await actions.openBeside(file.filename))) {
        actions.openView(file.file_id, null, null);
      }
    });
  return (
    <div className="jp-Assistants-fileBox">
      <span className="jp-Assistants-file">
        <span className="jp-Assistants-fileName" title={visible(file.filename)}>
          {shownName}
        </span>
        {file.bytes >= 0 && (
          <span className="jp-Assistants-fileSize">{size(file.bytes)}</span>
        )}
        {TABLE.test(name) && (
          <IconButton
            icon={tableRowsIcon}
            label={trans.__('Show %1 as a table', shownName)}
            pressed={shown}
            onClick={() => setShown(!shown)}
          />
        )}
        <IconButton
          icon={launchIcon}
          label={trans.__('Open %1', shownName)}
          onClick={open}
        />
        <IconButton
          icon={downloadIcon}
          label={trans.__('Download %1', shownName)}
          onClick={save}
        />
      </span>
      {shown && <TablePreview fileId={file.file_id} name={name} />}
    </div>
  );
}

/** Return a number of bytes with its unit. */
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
