import { addIcon, deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { FUNCTION_TEMPLATE } from './form';
import { PlaygroundModel } from '../playground/model';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { useModel } from '../../base/useModel';
import { CheckField } from '../../base/CheckField';
import { Field } from '../../base/Field';
import { PluginToolsField } from './PluginToolsField';
import { problemOf } from './problemText';
import { ResourceList } from './ResourceList';

/** The tools of an assistant and their resources. */
export function ToolsField(props: { model: PlaygroundModel }): JSX.Element {
  const { editor, files } = props.model;
  const { trans } = usePanel();
  useModel(files);
  const { form } = editor;
  return (
    <fieldset className="jp-Assistants-tools">
      <legend>{trans.__('Tools')}</legend>
      <CheckField
        label={trans.__('Code interpreter')}
        hint={trans.__(
          'Runs code in your notebook after you approve it; without a notebook in a sandbox, or after you approve it.'
        )}
        checked={form.codeInterpreter}
        onChange={codeInterpreter => editor.change({ codeInterpreter })}
      />
      {form.codeInterpreter && (
        <ResourceList
          label={trans.__('Files of the code interpreter')}
          chosen={form.fileIds}
          choices={files.files.map(each => ({ id: each.id, name: each.filename }))}
          addLabel={trans.__('Add a file …')}
          onChange={fileIds => editor.change({ fileIds })}
          onUpload={async given => (await files.upload(given)).map(each => each.id)}
        />
      )}
      <CheckField
        label={trans.__('File search')}
        hint={trans.__('Searches vector stores and cites its sources.')}
        checked={form.fileSearch}
        onChange={fileSearch => editor.change({ fileSearch })}
      />
      {form.fileSearch && (
        <ResourceList
          label={trans.__('Vector stores')}
          chosen={form.vectorStoreIds}
          choices={files.stores.map(each => ({
            id: each.id,
            name: each.name || each.id
          }))}
          addLabel={trans.__('Add a vector store …')}
          onChange={vectorStoreIds => editor.change({ vectorStoreIds })}
          most={1}
        />
      )}
      <PluginToolsField editor={editor} />
      <Functions model={props.model} />
    </fieldset>
  );
}

/** Functions whose calls the client answers. */
function Functions(props: { model: PlaygroundModel }): JSX.Element {
  const { editor } = props.model;
  const { trans } = usePanel();
  const { functions } = editor.form;
  const put = (index: number, text: string | null): void =>
    editor.change({
      functions: functions.flatMap((each, place) =>
        place === index ? (text === null ? [] : [text]) : [each]
      )
    });
  return (
    <div className="jp-Assistants-functions">
      {functions.map((text, index) => (
        <div key={index} className="jp-Assistants-function">
          <Field
            label={trans.__('Function %1', index + 1)}
            problem={problemOf(editor.problems, `function:${index}`, trans)}
            text={text}
          >
            {control => (
              <textarea
                {...control}
                className="jp-Assistants-json"
                spellCheck={false}
                rows={Math.min(text.split('\n').length + 1, 20)}
                value={text}
                onChange={event => put(index, event.target.value)}
              />
            )}
          </Field>
          <IconButton
            icon={deleteIcon}
            label={trans.__('Remove function %1', index + 1)}
            onClick={() => put(index, null)}
          />
        </div>
      ))}
      <IconButton
        icon={addIcon}
        label={trans.__('Add a function')}
        onClick={() => editor.change({ functions: [...functions, FUNCTION_TEMPLATE] })}
        wide
      />
      {functions.length > 0 && (
        <p className="jp-Assistants-note">
          {trans.__(
            'Your program answers function calls (submit_tool_outputs); in the panel, you do.'
          )}
        </p>
      )}
    </div>
  );
}
