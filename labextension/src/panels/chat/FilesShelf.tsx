import * as React from 'react';
import { ThreadModel } from './model';
import { usePanel } from '../../base/context';
import { FileChip } from '../../renderers/FileChip';

/** The files that code wrote in this thread. */
export function FilesShelf(props: { thread: ThreadModel }): JSX.Element | null {
  const { trans } = usePanel();
  const { files } = props.thread;
  if (files.length === 0) {
    return null;
  }
  return (
    <details className="jp-Assistants-shelf">
      <summary>{trans._n('%1 file', '%1 files', files.length)}</summary>
      <div
        className="jp-Assistants-files"
        role="group"
        aria-label={trans.__('Files of this thread')}
      >
        {files.map(file => (
          <FileChip key={file.file_id} file={file} />
        ))}
      </div>
    </details>
  );
}
