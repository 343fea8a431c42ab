import * as React from 'react';
import { usePanel } from '../../base/context';

/** A user's message while it is edited. Enter sends it, Escape leaves it as it was. */
export function EditForm(props: {
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
