import { closeIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { shownName } from '../../base/names';
import { size } from '../../renderers/FileChip';
import { FilesModel } from './model';
import type { VectorStore, VectorStoreFile } from '../../wire/types';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { FilePicker } from '../../base/FilePicker';
import { IndexingProgress } from './IndexingProgress';
import { TrialSearch } from './TrialSearch';

/** One vector store and its files. Files can be dropped on it. */
export function StoreView(props: {
  files: FilesModel;
  store: VectorStore;
}): JSX.Element {
  const { files, store } = props;
  const { trans } = usePanel();
  const [over, setOver] = React.useState(false);
  const drop = (event: React.DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const given = [...event.dataTransfer.files];
    if (given.length > 0) {
      void files.upload(given, store.id);
    }
  };
  return (
    <section
      className="jp-Assistants-store"
      aria-label={shownName(store)}
      data-over={over || undefined}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2>{shownName(store)}</h2>
      <div className="jp-Assistants-note">
        {store.id} · {size(store.usage_bytes)}
      </div>
      <AddFiles files={files} store={store} />
      <IndexingProgress progress={files.progress(store.id)} />
      <ul
        className="jp-Assistants-fileRows"
        aria-label={trans.__('Files in this vector store')}
      >
        {files.entries.map(each => (
          <EntryRow key={each.id} files={files} entry={each} />
        ))}
      </ul>
      {store.file_counts.completed > 0 && <TrialSearch files={files} />}
    </section>
  );
}

/** Ways to add files: upload them, or choose stored ones that are not in the vector store yet. */
function AddFiles(props: { files: FilesModel; store: VectorStore }): JSX.Element {
  const { files, store } = props;
  const { trans } = usePanel();
  const left = files.files.filter(
    file => !files.entries.some(entry => entry.id === file.id)
  );
  return (
    <div className="jp-Assistants-buttons">
      <FilePicker
        label={trans.__('Upload files to this vector store')}
        wide
        onPick={given => files.upload(given, store.id)}
      />
      {left.length > 0 && (
        <select
          aria-label={trans.__('Add a stored file')}
          value=""
          onChange={event => void files.attach(store.id, [event.target.value])}
        >
          <option value="">{trans.__('Add a stored file …')}</option>
          {left.map(each => (
            <option key={each.id} value={each.id}>
              {visible(each.filename)}
            </option>
          ))}
        </select>
      )}
      <span className="jp-Assistants-note">{trans.__('or drop files here')}</span>
    </div>
  );
}

function EntryRow(props: { files: FilesModel; entry: VectorStoreFile }): JSX.Element {
  const { files, entry } = props;
  const { trans } = usePanel();
  const name = visible(files.nameOf(entry.id));
  const words: Record<VectorStoreFile['status'], string> = {
    in_progress: trans.__('indexing'),
    completed: trans.__('searchable'),
    cancelled: trans.__('cancelled'),
    failed: trans.__('failed')
  };
  return (
    <li className="jp-Assistants-row" data-status={entry.status}>
      <div className="jp-Assistants-rowOpen">
        <span className="jp-Assistants-rowTitle">{name}</span>
        <span className="jp-Assistants-rowMeta">
          {words[entry.status]}
          {entry.last_error ? `: ${visible(entry.last_error.message)}` : ''}
        </span>
      </div>
      {(entry.status === 'failed' || entry.status === 'cancelled') && (
        <IconButton
          icon={refreshIcon}
          label={trans.__('Try %1 again', name)}
          onClick={() => void files.attachAgain(entry.vector_store_id, entry.id)}
        />
      )}
      <IconButton
        icon={closeIcon}
        label={trans.__('Remove %1', name)}
        onClick={() => void files.detach(entry.vector_store_id, entry.id)}
      />
    </li>
  );
}
