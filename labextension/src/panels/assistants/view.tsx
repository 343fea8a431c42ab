import * as React from 'react';
import { PlaygroundModel } from '../playground/model';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';
import { AssistantEditor } from './AssistantEditor';
import { AssistantList } from './AssistantList';

/** The list of assistants and the editor of one. */
export function AssistantsTab(props: { model: PlaygroundModel }): JSX.Element {
  const { editor, files } = props.model;
  const { panel } = usePanel();
  useModel(editor);
  React.useEffect(() => {
    void panel.assistants.load();
    void editor.loadTools();
    void files.load();
  }, [panel, editor, files]);
  return (
    <div className="jp-Assistants-split">
      <AssistantList editor={editor} />
      <AssistantEditor model={props.model} key={editor.assistant?.id ?? 'new'} />
    </div>
  );
}
