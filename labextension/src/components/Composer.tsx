import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { NEW } from '../model/panel';
import { usePanel } from './context';
import { IconButton } from './IconButton';
import { useModel } from './useModel';

/** Where one writes. Enter sends, Shift-Enter breaks the line. */
export function Composer(): JSX.Element {
  const { panel, trans } = usePanel();
  useModel(panel.thread);
  const key = panel.thread?.id ?? NEW;
  const [text, setText] = React.useState(() => panel.drafts.read(key));
  const active = panel.thread?.active ?? null;
  const change = (value: string): void => {
    setText(value);
    panel.drafts.write(key, value);
  };
  const send = async (): Promise<void> => {
    const said = text.trim();
    if (!said || panel.sending || active !== null) {
      return;
    }
    change('');
    if (!(await panel.send({ content: said }))) {
      change(said);
    }
  };
  return (
    <div className="jp-Assistants-composer">
      <textarea
        aria-label={trans.__('Message')}
        placeholder={trans.__('Ask or tell what to do')}
        value={text}
        rows={Math.min(Math.max(text.split('\n').length, 2), 10)}
        onChange={event => change(event.target.value)}
        onKeyDown={event => {
          if (
            event.key === 'Enter' &&
            !event.shiftKey &&
            !event.nativeEvent.isComposing
          ) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <div className="jp-Assistants-composerBar">
        {active ? (
          <IconButton
            icon={stopIcon}
            label={trans.__('Stop')}
            onClick={() => void panel.stop()}
            wide
          />
        ) : (
          <IconButton
            icon={runIcon}
            label={trans.__('Send')}
            onClick={() => void send()}
            disabled={!text.trim() || panel.sending}
            wide
          />
        )}
      </div>
    </div>
  );
}
