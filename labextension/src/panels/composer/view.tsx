import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { sends } from '../main/preferences';
import { AttachButton } from './AttachButton';
import { AttachedList } from './AttachedList';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { Pickers } from './Pickers';
import { Suggestions } from './Suggestions';
import { useCompletion } from './useCompletion';
import { useModel } from '../../base/useModel';

/** The message field with its buttons. Enter sends, Shift-Enter starts a new line. */
export function Composer(): JSX.Element {
  const { panel, trans } = usePanel();
  const { composer } = panel;
  useModel(panel.thread);
  useModel(composer);
  const field = React.useRef<HTMLTextAreaElement>(null);
  const completion = useCompletion(field);
  const active = panel.thread?.active ?? null;
  React.useEffect(() => {
    if (composer.focusRequests > 0) {
      field.current?.focus();
    }
  }, [composer.focusRequests]);
  const takeFiles = (files: FileList): boolean => {
    [...files].forEach(
      file => void composer.attach(file, file.name || pastedName(file.type))
    );
    return files.length > 0;
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (completion.onKeyDown(event) || event.nativeEvent.isComposing) {
      return;
    }
    if (sends(event, panel.preferences.values.sendOnEnter)) {
      event.preventDefault();
      void panel.submit();
    }
  };
  return (
    <div
      className="jp-Assistants-composer"
      onDragOver={event => event.preventDefault()}
      onDrop={event => {
        if (takeFiles(event.dataTransfer.files)) {
          event.preventDefault();
        }
      }}
    >
      <Suggestions completion={completion} />
      <AttachedList />
      <textarea
        ref={field}
        aria-label={trans.__('Message')}
        aria-autocomplete="list"
        aria-controls={completion.open ? completion.listId : undefined}
        aria-activedescendant={completion.open ? completion.activeId : undefined}
        placeholder={trans.__('Ask, or type @ to mention and / for commands')}
        value={composer.text}
        rows={Math.min(Math.max(composer.text.split('\n').length, 2), 10)}
        onChange={event => {
          composer.write(event.target.value);
          completion.update();
        }}
        onClick={completion.update}
        onBlur={completion.close}
        onKeyDown={onKeyDown}
        onPaste={event => {
          if (takeFiles(event.clipboardData.files)) {
            event.preventDefault();
          }
        }}
      />
      <div className="jp-Assistants-composerBar">
        <AttachButton />
        <Pickers />
        <span className="jp-Assistants-space" />
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
            onClick={() => void panel.submit()}
            disabled={!composer.ready || panel.sending}
            wide
          />
        )}
      </div>
    </div>
  );
}

function pastedName(type: string): string {
  return `pasted.${type.split('/')[1] ?? 'bin'}`;
}
