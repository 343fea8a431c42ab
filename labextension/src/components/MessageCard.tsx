import * as React from 'react';
import { visible } from '../model/hidden';
import { MessageEntry } from '../model/transcript';
import { usePanel } from './context';
import { Markdown } from './Markdown';
import { StoredImage } from './StoredImage';

export namespace MessageCard {
  export interface IProps {
    entry: MessageEntry;
    /** Whether its text still grows. */
    streaming?: boolean;
  }
}

/** One message. */
export const MessageCard = React.memo(function MessageCard(props: MessageCard.IProps) {
  const { trans } = usePanel();
  const { entry, streaming } = props;
  const mine = entry.role === 'user';
  return (
    <article
      className={`jp-Assistants-message jp-mod-${entry.role}`}
      aria-label={mine ? trans.__('You') : trans.__('Assistant')}
      data-message-id={entry.id}
    >
      {entry.parts.map((part, index) =>
        part.type === 'image' ? (
          <StoredImage key={index} fileId={part.file_id} />
        ) : mine ? (
          <div key={index} className="jp-Assistants-plain">
            {visible(part.text)}
          </div>
        ) : (
          <Markdown
            key={index}
            text={part.text}
            annotations={part.annotations}
            streaming={streaming === true && index === entry.parts.length - 1}
          />
        )
      )}
      {entry.status === 'incomplete' && (
        <div className="jp-Assistants-note">
          {trans.__('This message is incomplete.')}
        </div>
      )}
    </article>
  );
});
