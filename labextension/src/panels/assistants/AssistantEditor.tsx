import * as React from 'react';
import { shownName } from '../../base/names';
import { PlaygroundModel } from '../playground/model';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { CommandIDs } from '../../commands';
import { useModel } from '../../base/useModel';
import { CopyAsCode } from './CopyAsCode';
import { Field } from '../../base/Field';
import { ModelPicker } from './ModelPicker';
import { problemOf } from './problemText';
import { ResponseFormatField } from './ResponseFormatField';
import { ToolsField } from './ToolsField';

/** The form of one assistant. */
export function AssistantEditor(props: { model: PlaygroundModel }): JSX.Element {
  const { editor } = props.model;
  const { panel, trans } = usePanel();
  useModel(editor);
  useModel(panel.assistants);
  const { form, problems, assistant } = editor;
  const problem = (field: string): string | undefined =>
    problemOf(problems, field, trans);
  const title = assistant
    ? trans.__('Edit %1', shownName(assistant))
    : trans.__('New assistant');
  return (
    <form
      className="jp-Assistants-form"
      aria-label={title}
      onSubmit={event => {
        event.preventDefault();
        void editor.save();
      }}
    >
      <h2>{title}</h2>
      <Field label={trans.__('Name')} problem={problem('name')} text={form.name}>
        {control => (
          <input
            {...control}
            value={form.name}
            onChange={event => editor.change({ name: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={trans.__('Description')}
        problem={problem('description')}
        text={form.description}
        hint={trans.__('Shown to people who choose an assistant; not sent to models.')}
      >
        {control => (
          <input
            {...control}
            value={form.description}
            onChange={event => editor.change({ description: event.target.value })}
          />
        )}
      </Field>
      <ModelPicker
        models={panel.assistants.models}
        value={form.model}
        problem={problem('model')}
        onChange={model => editor.change({ model })}
      />
      <Field
        label={trans.__('Instructions')}
        problem={problem('instructions')}
        text={form.instructions}
        hint={trans.__('Sent to the model before every answer.')}
      >
        {control => (
          <textarea
            {...control}
            rows={6}
            value={form.instructions}
            onChange={event => editor.change({ instructions: event.target.value })}
          />
        )}
      </Field>
      <ToolsField model={props.model} />
      <div className="jp-Assistants-fieldRow">
        <Field
          label={trans.__('Temperature')}
          problem={problem('temperature')}
          hint={trans.__("0 to 2; leave empty for the model's default.")}
        >
          {control => (
            <input
              {...control}
              inputMode="decimal"
              value={form.temperature}
              onChange={event => editor.change({ temperature: event.target.value })}
            />
          )}
        </Field>
        <Field
          label={trans.__('Top P')}
          problem={problem('topP')}
          hint={trans.__("0 to 1; leave empty for the model's default.")}
        >
          {control => (
            <input
              {...control}
              inputMode="decimal"
              value={form.topP}
              onChange={event => editor.change({ topP: event.target.value })}
            />
          )}
        </Field>
      </div>
      <ResponseFormatField
        format={form.format}
        schema={form.schema}
        problem={problem('schema')}
        onChange={fields => editor.change(fields)}
      />
      <EditorButtons model={props.model} />
      {assistant && <CopyAsCode key={assistant.id} assistant={assistant} />}
    </form>
  );
}

/** The buttons of the form and the result of saving. */
function EditorButtons(props: { model: PlaygroundModel }): JSX.Element {
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
