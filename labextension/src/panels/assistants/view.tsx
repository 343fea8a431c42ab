import { addIcon, copyIcon, deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { shownName } from '../../base/names';
import { PlaygroundModel } from '../playground/model';
import type { Assistant } from '../../wire/types';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { useModel } from '../../base/useModel';
import { AssistantEditor } from './AssistantEditor';

/** Number of assistants above which a search field appears. */
const MANY = 10;

/** The list of assistants and the editor of one. */
export function AssistantsTab(props: { model: PlaygroundModel }): JSX.Element {
  const { editor, files } = props.model;
  const { panel, trans, actions } = usePanel();
  useModel(panel.assistants);
  useModel(editor);
  React.useEffect(() => {
    void panel.assistants.load();
    void files.load();
  }, [panel, files]);
  const [query, setQuery] = React.useState('');
  const { assistants } = panel.assistants;
  const found = assistants.filter(each => fits(each, query));
  const maySwitch = async (): Promise<boolean> =>
    !editor.dirty ||
    actions.confirm(
      trans.__('Discard changes?'),
      trans.__('Your changes to this assistant are not saved.'),
      trans.__('Discard')
    );
  const edit = async (assistant: Assistant | null): Promise<void> => {
    if (await maySwitch()) {
      editor.edit(assistant);
    }
  };
  return (
    <div className="jp-Assistants-split">
      <nav className="jp-Assistants-side" aria-label={trans.__('Assistants')}>
        <IconButton
          icon={addIcon}
          label={trans.__('New assistant')}
          onClick={() => void edit(null)}
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
              current={editor.assistant?.id === each.id}
              onOpen={() => void edit(each)}
              onDuplicate={async () => {
                if (await maySwitch()) {
                  await editor.duplicate(each);
                }
              }}
              onRemove={async () => {
                const title = trans.__('Delete %1?', shownName(each));
                const body = trans.__('Its threads and runs are kept.');
                if (await actions.confirm(title, body, trans.__('Delete'))) {
                  await editor.remove(each);
                }
              }}
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
      <AssistantEditor model={props.model} key={editor.assistant?.id ?? 'new'} />
    </div>
  );
}

function fits(assistant: Assistant, query: string): boolean {
  const { name, model, id } = assistant;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${name ?? ''} ${model} ${id}`.toLowerCase();
  return words.every(word => text.includes(word));
}

interface RowProps {
  assistant: Assistant;
  current: boolean;
  onOpen: () => void;
  onDuplicate: () => void;
  onRemove: () => void;
}

function AssistantRow(props: RowProps): JSX.Element {
  const { trans } = usePanel();
  const { assistant, current } = props;
  const name = shownName(assistant);
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
        onClick={props.onRemove}
      />
    </li>
  );
}
