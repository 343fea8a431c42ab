import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { usePanel } from '../../base/context';
import { CheckField } from '../../base/CheckField';
import { Field } from '../../base/Field';
import { EditorModel } from './editor';
import { isPluginTool, pluginOptions } from './pluginTools';
import { problemOf } from './problemText';

/** Tools of plug-ins: those that are installed, and those that the assistant has in any case. */
export function PluginToolsField(props: { editor: EditorModel }): JSX.Element {
  const { editor } = props;
  const { trans } = usePanel();
  const { plugins, stored } = editor.form;
  const tools = stored.tools ?? [];
  const descriptions = new Map(editor.tools.map(tool => [tool.type, tool.description]));
  const types = new Set([
    ...descriptions.keys(),
    ...tools.map(tool => tool.type),
    ...Object.keys(plugins)
  ]);
  return (
    <>
      {[...types].filter(isPluginTool).map(type => (
        <PluginTool
          key={type}
          editor={editor}
          type={type}
          hint={visible(
            descriptions.get(type) ?? trans.__('Not installed on this server.')
          )}
          options={pluginOptions(type, plugins, tools)}
        />
      ))}
    </>
  );
}

interface PluginToolProps {
  editor: EditorModel;
  type: string;
  hint: string;
  /** The JSON of its options; null if it is switched off. */
  options: string | null;
}

function PluginTool(props: PluginToolProps): JSX.Element {
  const { editor, type, hint, options } = props;
  const { trans } = usePanel();
  const change = (text: string | null): void => {
    const { [type]: _before, ...plugins } = editor.form.plugins;
    const isStored = editor.form.stored.tools?.some(tool => tool.type === type);
    // A tool that was added and taken out again leaves nothing to save.
    const touched = text !== null || isStored ? { [type]: text } : {};
    editor.change({ plugins: { ...plugins, ...touched } });
  };
  return (
    <>
      <CheckField
        label={visible(type)}
        hint={hint}
        checked={options !== null}
        onChange={checked => change(checked ? '{}' : null)}
      />
      {options !== null && (
        <Field
          label={trans.__('Options of %1', visible(type))}
          problem={problemOf(editor.problems, `plugin:${type}`, trans)}
          text={options}
        >
          {control => (
            <textarea
              {...control}
              className="jp-Assistants-json"
              spellCheck={false}
              rows={Math.min(options.split('\n').length + 1, 20)}
              value={options}
              onChange={event => change(event.target.value)}
            />
          )}
        </Field>
      )}
    </>
  );
}
