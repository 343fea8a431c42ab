import { deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { PlaygroundModel } from '../playground/model';
import { FilesModel } from './model';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { IconButton } from '../../base/IconButton';
import { useModel } from '../../base/useModel';
import { size } from '../../renderers/FileChip';
import { FilePicker } from '../../base/FilePicker';
import { StoreView } from './StoreView';
import { StoreList } from './StoreList';

/** Vector stores and files, with the progress of uploads and indexing. */
export function FilesTab(props: { model: PlaygroundModel }): JSX.Element {
  const { files } = props.model;
  const { trans } = usePanel();
  useModel(files);
  React.useEffect(() => void files.load(), [files]);
  return (
    <div className="jp-Assistants-split">
      <StoreList files={files} />
      <section className="jp-Assistants-main">
        <ErrorNote error={files.error} />
        <UploadList files={files} />
        {files.store ? (
          <StoreView key={files.store.id} files={files} store={files.store} />
        ) : (
          <p className="jp-Assistants-empty">
            {trans.__('Choose or create a vector store to add files to it.')}
          </p>
        )}
        <StoredFiles files={files} />
      </section>
    </div>
  );
}

/** The uploads in progress. */
function UploadList(props: { files: FilesModel }): JSX.Element | null {
  const { trans } = usePanel();
  const { uploads } = props.files;
  return uploads.length === 0 ? null : (
    <ul className="jp-Assistants-progress" aria-label={trans.__('Uploads')}>
      {uploads.map((each, index) => (
        <li key={index}>
          <span>{trans.__('Uploading %1', visible(each.name))}</span>
          <progress
            aria-label={visible(each.name)}
            max={1}
            value={each.fraction ?? undefined}
          />
        </li>
      ))}
    </ul>
  );
}

/** All stored files. */
function StoredFiles(props: { files: FilesModel }): JSX.Element {
  const { files } = props;
  const { panel, trans, actions } = usePanel();
  const save = async (id: string, name: string): Promise<void> => {
    await panel.attempt(async () => {
      actions.save(await panel.client.fileContent(id), name);
    });
  };
  return (
    <details className="jp-Assistants-section" open={files.store === null}>
      <summary>{trans.__('All files')}</summary>
      <FilePicker
        label={trans.__('Upload files')}
        wide
        onPick={given => files.upload(given)}
      />
      <ul className="jp-Assistants-fileRows">
        {files.files.map(each => (
          <li key={each.id} className="jp-Assistants-row">
            <button
              type="button"
              className="jp-Assistants-rowOpen"
              title={trans.__('Download %1', visible(each.filename))}
              onClick={() => void save(each.id, each.filename)}
            >
              <span className="jp-Assistants-rowTitle">{visible(each.filename)}</span>
              <span className="jp-Assistants-rowMeta">
                {size(each.bytes)} · {each.purpose} · {each.id}
              </span>
            </button>
            <IconButton
              icon={deleteIcon}
              label={trans.__('Delete %1', visible(each.filename))}
              onClick={async () => {
                const title = trans.__('Delete %1?', visible(each.filename));
                const body = trans.__(
                  'It is removed from every assistant, thread and vector store.'
                );
                if (await actions.confirm(title, body, trans.__('Delete'))) {
                  await files.removeFile(each.id);
                }
              }}
            />
          </li>
        ))}
      </ul>
      {files.hasMore && (
        <button type="button" onClick={() => void files.loadMore()}>
          {trans.__('Show more')}
        </button>
      )}
    </details>
  );
}
