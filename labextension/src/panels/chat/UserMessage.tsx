import { copyIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { CELL_MARK } from '../composer/model';
import { MessageEntry } from '../../wire/transcript';
import type { Message } from '../../wire/types';
import { branchIcon } from '../../icons';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { ItemActions } from '../../base/ItemActions';
import { StoredFile } from '../../renderers/StoredFile';
import { StoredImage } from '../../renderers/StoredImage';

export namespace UserMessage {
  export interface IProps {
    entry: MessageEntry;
    message: Message;
    /** Whether a run is active, so that nothing can be sent. */
    busy: boolean;
  }
}

/** A user's message, which can be copied, edited in a branch, and branched from. */
export const UserMessage = React.memo(function UserMessage(props: UserMessage.IProps) {
  const { panel, trans, actions } = usePanel();
  const { entry, message, busy } = props;
  const [editing, setEditing] = React.useState(false);
  const [first] = entry.parts.filter(
    part => part.type === 'text' && !isCell(part.text)
  );
  const text = first?.text ?? '';
  const images = new Set(entry.parts.map(part => part.file_id));
  return (
    <article
      className="jp-Assistants-message jp-mod-user"
      aria-label={trans.__('You')}
      data-message-id={entry.id}
    >
      {editing ? (
        <EditForm
          text={text}
          onSend={words => {
            setEditing(false);
            void panel.resend(message, words);
          }}
          onLeave={() => setEditing(false)}
        />
      ) : (
        entry.parts.map((part, index) => {
          if (part.type === 'image') {
            return <StoredImage key={index} fileId={part.file_id} />;
          }
          return isCell(part.text) ? (
            <details key={index} className="jp-Assistants-cellPart">
              <summary>{part.text.slice(0, part.text.indexOf(':'))}</summary>
              <pre className="jp-Assistants-plain">{visible(part.text)}</pre>
            </details>
          ) : (
            <div key={index} className="jp-Assistants-plain">
              {visible(part.text)}
            </div>
          );
        })
      )}
      <div className="jp-Assistants-files">
        {entry.attachments
          .filter(id => !images.has(id))
          .map(id => (
            <StoredFile key={id} fileId={id} />
          ))}
      </div>
      {!editing && (
        <ItemActions label={trans.__('Your message')}>
          <IconButton
            icon={copyIcon}
            label={trans.__('Copy')}
            onClick={() => actions.copy(text)}
          />
          <IconButton
            icon={editIcon}
            label={trans.__('Edit and resend in a branch')}
            onClick={() => setEditing(true)}
            disabled={busy}
          />
          <IconButton
            icon={branchIcon}
            label={trans.__('Branch from here')}
            onClick={() => void panel.branch(message)}
          />
        </ItemActions>
      )}
    </article>
  );
});

function isCell(text: string): boolean {
  return text.startsWith(CELL_MARK);
}

function EditForm(props: {
  text: string;
  onSend: (text: string) => void;
  onLeave: () => void;
}): JSX.Element {
  const { trans } = usePanel();
  const [text, setText] = React.useState(props.text);
  const field = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => field.current?.focus(), []);
  const send = (): void => {
    if (text.trim()) {
      props.onSend(text.trim());
    }
  };
  return (
    <div
      className="jp-Assistants-edit"
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onLeave();
        } else if (
          event.key === 'Enter' &&
          !event.shiftKey &&
          !event.nativeEvent.isComposing
        ) {
          if (event.target === field.current) {
            event.preventDefault();
            send();
          }
        }
      }}
    >
      <textarea
        ref={field}
        aria-label={trans.__('Edit your message')}
        value={text}
        rows={Math.min(Math.max(text.split('\n').length, 2), 10)}
        onChange={event => setText(event.target.value)}
      />
      <div className="jp-Assistants-approvalButtons">
        <button type="button" className="jp-mod-accept" onClick={send}>
          {trans.__('Send')}
        </button>
        <button type="button" onClick={props.onLeave}>
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}
