import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { sends } from '../main/preferences';
import { AttachButton } from './AttachButton';
import { AttachedList } from './AttachedList';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { Pickers } from './Pickers';
import { Suggestions } from './Suggestions';
import { Completion, useCompletion } from './useCompletion';
import { useModel } from '../../base/useModel';

/** The message field with its buttons. Files can be dropped on it and pasted into it. */
export function Composer(): JSX.Element {
  const { panel } = usePanel();
  const { composer } = panel;
  useModel(panel.thread);
  useModel(composer);
  const field = React.useRef<HTMLTextAreaElement>(null);
  const completion = useCompletion(field);
  React.useEffect(() => {
    if (composer.focusRequests > 0) {
      field.current?.focus();
    }
  }, [composer.focusRequests]);
  const takeFiles = (event: React.SyntheticEvent, files: FileList): void => {
    for (const file of files) {
      void composer.attach(file, file.name || pastedName(file.type));
    }
    if (files.length > 0) {
      event.preventDefault();
    }
  };
  return (
    <div
      className="jp-Assistants-composer"
      onDragOver={event => event.preventDefault()}
      onDrop={event => takeFiles(event, event.dataTransfer.files)}
    >
      <Suggestions completion={completion} />
      <AttachedList />
      <MessageField
        field={field}
        completion={completion}
        onPaste={event => takeFiles(event, event.clipboardData.files)}
      />
      <div className="jp-Assistants-composerBar">
        <AttachButton />
        <Pickers />
        <span className="jp-Assistants-space" />
        <SendButton />
      </div>
    </div>
  );
}

interface MessageFieldProps {
  field: React.RefObject<HTMLTextAreaElement>;
  completion: Completion;
  onPaste: (event: React.ClipboardEvent) => void;
}

/** The field to write in. Enter sends, Shift-Enter starts a new line. */
function MessageField(props: MessageFieldProps): JSX.Element {
  const { panel, trans } = usePanel();
  const { field, completion, onPaste } = props;
  const { composer } = panel;
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
      onPaste={onPaste}
    />
  );
}

/** Sends the message, or stops the run that answers. */
function SendButton(): JSX.Element {
  const { panel, trans } = usePanel();
  return panel.thread?.active ? (
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
      disabled={!panel.composer.ready || panel.sending}
      wide
    />
  );
}

function pastedName(type: string): string {
  return `pasted.${type.split('/')[1] ?? 'bin'}`;
}
