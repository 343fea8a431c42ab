import { copyIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { CELL_MARK } from '../composer/model';
import { MessageEntry } from '../../wire/transcript';
import type { Message } from '../../wire/types';
import { branchIcon } from '../../icons';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { EditForm } from './EditForm';
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
        entry.parts.map((part, index) => <Part key={index} part={part} />)
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

/** One part of a message: an image, a cell of a notebook (folded), or text. */
function Part(props: { part: MessageEntry['parts'][number] }): JSX.Element {
  const { part } = props;
  if (part.type === 'image') {
    return <StoredImage fileId={part.file_id} />;
  }
  return isCell(part.text) ? (
    <details className="jp-Assistants-cellPart">
      <summary>{part.text.slice(0, part.text.indexOf(':'))}</summary>
      <pre className="jp-Assistants-plain">{visible(part.text)}</pre>
    </details>
  ) : (
    <div className="jp-Assistants-plain">{visible(part.text)}</div>
  );
}

function isCell(text: string): boolean {
  return text.startsWith(CELL_MARK);
}
