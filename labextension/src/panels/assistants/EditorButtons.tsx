import * as React from 'react';
import { PlaygroundModel } from '../playground/model';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { CommandIDs } from '../../commands';

/** The buttons of the form and the result of saving. */
export function EditorButtons(props: { model: PlaygroundModel }): JSX.Element {
  const { editor } = props.model;
  const { panel, trans, actions } = usePanel();
  const { assistant, problems, dirty, saving, error, saved } = editor;
  return (
    <div className="jp-Assistants-formEnd">
      <ErrorNote error={error} />
      <div className="jp-Assistants-buttons">
        <button
          type="submit"
          className="jp-mod-accept"
          disabled={saving || problems.length > 0 || (assistant !== null && !dirty)}
        >
          {assistant ? trans.__('Save') : trans.__('Create')}
        </button>
        <button
          type="button"
          disabled={!dirty || saving}
          onClick={() => editor.revert()}
        >
          {trans.__('Discard changes')}
        </button>
        {assistant && (
          <button
            type="button"
            disabled={dirty}
            onClick={() => {
              panel.assistants.choose(assistant.id);
              panel.openNew();
              actions.execute(CommandIDs.open);
            }}
          >
            {trans.__('Try it in the panel')}
          </button>
        )}
        <span role="status" className="jp-Assistants-note">
          {saving
            ? trans.__('Saving …')
            : problems.length > 0
              ? trans._n(
                  '%1 field has a problem.',
                  '%1 fields have problems.',
                  problems.length
                )
              : saved
                ? trans.__('Saved.')
                : ''}
        </span>
      </div>
      {assistant && <div className="jp-Assistants-note">{assistant.id}</div>}
    </div>
  );
}
