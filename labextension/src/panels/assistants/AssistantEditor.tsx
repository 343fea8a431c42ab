import * as React from 'react';
import { shownName } from '../../base/names';
import { PlaygroundModel } from '../playground/model';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';
import { CopyAsCode } from './CopyAsCode';
import { EditorModel } from './editor';
import { EditorButtons } from './EditorButtons';
import { ModelPicker } from './ModelPicker';
import { problemOf } from './problemText';
import { ResponseFormatField } from './ResponseFormatField';
import { TextField } from './TextField';
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
      <TextField model={editor} name="name" label={trans.__('Name')} />
      <TextField
        model={editor}
        name="description"
        label={trans.__('Description')}
        hint={trans.__('Shown to people who choose an assistant; not sent to models.')}
      />
      <ModelPicker
        models={panel.assistants.models}
        value={form.model}
        problem={problem('model')}
        onChange={model => editor.change({ model })}
      />
      <TextField
        model={editor}
        name="instructions"
        rows={6}
        label={trans.__('Instructions')}
        hint={trans.__(
          'Sent to the model before every answer. Empty: the default instructions for data analysis.'
        )}
      />
      <ToolsField model={props.model} />
      <SamplingFields model={editor} />
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

/** How freely the model chooses its words. */
function SamplingFields(props: { model: EditorModel }): JSX.Element {
  const { model } = props;
  const { trans } = usePanel();
  return (
    <div className="jp-Assistants-fieldRow">
      <TextField
        model={model}
        name="temperature"
        inputMode="decimal"
        label={trans.__('Temperature')}
        hint={trans.__("0 to 2; leave empty for the model's default.")}
      />
      <TextField
        model={model}
        name="topP"
        inputMode="decimal"
        label={trans.__('Top P')}
        hint={trans.__("0 to 1; leave empty for the model's default.")}
      />
    </div>
  );
}
