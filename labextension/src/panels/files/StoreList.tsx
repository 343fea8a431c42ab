import { addIcon, deleteIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { shownName } from '../../base/names';
import { FilesModel } from './model';
import type { VectorStore } from '../../wire/types';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';

/** The vector stores. */
export function StoreList(props: { files: FilesModel }): JSX.Element {
  const { files } = props;
  const { trans, actions } = usePanel();
  const make = async (): Promise<void> => {
    const name = await actions.askText(
      trans.__('New vector store'),
      trans.__('Name'),
      ''
    );
    if (name) {
      await files.create(name);
    }
  };
  return (
    <nav className="jp-Assistants-side" aria-label={trans.__('Vector stores')}>
      <IconButton
        icon={addIcon}
        label={trans.__('New vector store')}
        onClick={() => void make()}
        wide
      />
      <ul>
        {files.stores.map(each => (
          <StoreRow key={each.id} files={files} store={each} />
        ))}
      </ul>
    </nav>
  );
}

function StoreRow(props: { files: FilesModel; store: VectorStore }): JSX.Element {
  const { files, store } = props;
  const { trans, actions } = usePanel();
  const name = shownName(store);
  const { total, in_progress: open } = store.file_counts;
  return (
    <li
      className="jp-Assistants-row"
      aria-current={files.store?.id === store.id || undefined}
    >
      <button
        type="button"
        className="jp-Assistants-rowOpen"
        onClick={() => void files.open(store.id)}
      >
        <span className="jp-Assistants-rowTitle">{name}</span>
        <span className="jp-Assistants-rowMeta">
          {open > 0
            ? trans.__('%1 of %2 files are ready', total - open, total)
            : trans._n('%1 file', '%1 files', total)}
        </span>
      </button>
      <IconButton
        icon={editIcon}
        label={trans.__('Rename %1', name)}
        onClick={async () => {
          const title = trans.__('Rename the vector store');
          const given = await actions.askText(title, trans.__('Name'), store.name);
          if (given) {
            await files.rename(store.id, given);
          }
        }}
      />
      <IconButton
        icon={deleteIcon}
        label={trans.__('Delete %1', name)}
        onClick={async () => {
          const title = trans.__('Delete %1?', name);
          const body = trans.__(
            'It is removed from every assistant and thread. Its files are kept.'
          );
          if (await actions.confirm(title, body, trans.__('Delete'))) {
            await files.remove(store.id);
          }
        }}
      />
    </li>
  );
}
