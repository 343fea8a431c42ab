import { addIcon, copyIcon, deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { shownName } from '../../base/names';
import type { Assistant } from '../../wire/types';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { useModel } from '../../base/useModel';
import { EditorModel } from './editor';

/** Number of assistants above which a search field appears. */
const MANY = 10;

/** The assistants by name; one of them, or none, is in the editor. */
export function AssistantList(props: { editor: EditorModel }): JSX.Element {
  const { editor } = props;
  const { panel, trans } = usePanel();
  const [query, setQuery] = React.useState('');
  useModel(panel.assistants);
  useModel(editor);
  const leave = useLeave(editor);
  const { assistants } = panel.assistants;
  const found = assistants.filter(each => fits(each, query));
  return (
    <nav className="jp-Assistants-side" aria-label={trans.__('Assistants')}>
      <IconButton
        icon={addIcon}
        label={trans.__('New assistant')}
        onClick={() => void leave(() => editor.edit(null))}
        wide
      />
      {assistants.length > MANY && (
        <input
          type="search"
          className="jp-Assistants-search"
          aria-label={trans.__('Search assistants')}
          placeholder={trans.__('Search names, models and ids')}
          value={query}
          onChange={event => setQuery(event.target.value)}
        />
      )}
      <ul>
        {found.map(each => (
          <AssistantRow
            key={each.id}
            assistant={each}
            editor={editor}
            onOpen={() => void leave(() => editor.edit(each))}
            onDuplicate={() => void leave(() => editor.duplicate(each))}
          />
        ))}
      </ul>
      {assistants.length > 0 && found.length === 0 && (
        <p className="jp-Assistants-empty" role="status">
          {trans.__('No matching assistants.')}
        </p>
      )}
      {assistants.length === 0 && (
        <p className="jp-Assistants-empty">
          {trans.__(
            'No assistants yet. Fill in the form, or send a message in the panel.'
          )}
        </p>
      )}
    </nav>
  );
}

/** Return a function that leaves the assistant in the editor, unless a person keeps the changes. */
function useLeave(editor: EditorModel): (then: () => unknown) => Promise<void> {
  const { trans, actions } = usePanel();
  return async then => {
    const confirmed =
      !editor.dirty ||
      (await actions.confirm(
        trans.__('Discard changes?'),
        trans.__('Your changes to this assistant are not saved.'),
        trans.__('Discard')
      ));
    if (confirmed) {
      await then();
    }
  };
}

function fits(assistant: Assistant, query: string): boolean {
  const { name, model, id } = assistant;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${name ?? ''} ${model} ${id}`.toLowerCase();
  return words.every(word => text.includes(word));
}

interface RowProps {
  assistant: Assistant;
  editor: EditorModel;
  onOpen: () => void;
  onDuplicate: () => void;
}

function AssistantRow(props: RowProps): JSX.Element {
  const { trans, actions } = usePanel();
  const { assistant, editor } = props;
  const current = editor.assistant?.id === assistant.id;
  const name = shownName(assistant);
  const remove = async (): Promise<void> => {
    const title = trans.__('Delete %1?', name);
    const body = trans.__('Its threads and runs are kept.');
    if (await actions.confirm(title, body, trans.__('Delete'))) {
      await editor.remove(assistant);
    }
  };
  return (
    <li className="jp-Assistants-row" aria-current={current || undefined}>
      <button type="button" className="jp-Assistants-rowOpen" onClick={props.onOpen}>
        <span className="jp-Assistants-rowTitle">{name}</span>
        <span className="jp-Assistants-rowMeta">{visible(assistant.model)}</span>
      </button>
      <IconButton
        icon={copyIcon}
        label={trans.__('Duplicate %1', name)}
        onClick={props.onDuplicate}
      />
      <IconButton
        icon={deleteIcon}
        label={trans.__('Delete %1', name)}
        onClick={() => void remove()}
      />
    </li>
  );
}
