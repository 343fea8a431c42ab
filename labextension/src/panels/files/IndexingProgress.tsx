import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { IngestedFile, VectorStoreProgress } from '../../wire/vectorStores';
import { usePanel } from '../../base/context';

/** The indexing progress of a vector store. */
export function IndexingProgress(props: {
  progress: VectorStoreProgress | null;
}): JSX.Element | null {
  const { progress } = props;
  const { trans } = usePanel();
  if (progress === null) {
    return null;
  }
  const { total, in_progress: open } = progress.file_counts;
  const left = progress.seconds_left;
  return (
    <div className="jp-Assistants-progress">
      <div role="status">
        {trans.__('%1 of %2 files are ready', total - open, total)}
        {left !== undefined && open > 0
          ? ` · ${trans.__('about %1 s left', Math.max(Math.round(left), 1))}`
          : ''}
      </div>
      <progress
        aria-label={trans.__('Files that are ready')}
        max={total}
        value={total - open}
      />
      <ul>
        {progress.files.map(each => (
          <FileProgress key={each.file_id} file={each} />
        ))}
      </ul>
    </div>
  );
}

function FileProgress(props: { file: IngestedFile }): JSX.Element {
  const { file } = props;
  const { trans } = usePanel();
  const words: Record<IngestedFile['stage'], string> = {
    waiting: trans.__('waiting'),
    reading: trans.__('reading'),
    indexing: trans.__('indexing')
  };
  const part =
    file.done !== undefined && file.total !== undefined
      ? ` ${trans.__('%1 of %2', file.done, file.total)}`
      : '';
  return (
    <li>
      <span>
        {visible(file.filename)}: {words[file.stage]}
        {part}
      </span>
      <progress
        aria-label={visible(file.filename)}
        max={file.total ?? 1}
        value={file.total === undefined ? undefined : (file.done ?? 0)}
      />
    </li>
  );
}
