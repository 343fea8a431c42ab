import * as React from 'react';
import { MessageEntry } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { Markdown } from '../../renderers/Markdown';
import { StoredImage } from '../../renderers/StoredImage';

export namespace MessageCard {
  export interface IProps {
    entry: MessageEntry;
    /** Whether its text is still streaming. */
    streaming?: boolean;
    /** Leave out its images, because they are shown elsewhere. */
    withoutImages?: boolean;
  }
}

/** One message of the assistant. */
export const MessageCard = React.memo(function MessageCard(props: MessageCard.IProps) {
  const { trans } = usePanel();
  const { entry, streaming, withoutImages } = props;
  return (
    <article
      className="jp-Assistants-message jp-mod-assistant"
      aria-label={trans.__('Assistant')}
      data-message-id={entry.id}
    >
      {entry.parts.map((part, index) =>
        part.type === 'image' ? (
          !withoutImages && <StoredImage key={index} fileId={part.file_id} />
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
