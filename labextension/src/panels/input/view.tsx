import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { RunModel } from '../chat/run';
import { ThreadModel } from '../chat/model';
import { usePanel } from '../../base/context';
import { useFocusBehind } from '../../base/focus';

/** The form for `input()` of running code. It takes the focus. */
export function InputCard(props: { run: RunModel; thread: ThreadModel }): JSX.Element {
  const { panel, trans } = usePanel();
  const { run, thread } = props;
  const request = run.object?.jupyter?.input_request as {
    prompt: string;
    password?: boolean;
  };
  const [value, setValue] = React.useState('');
  const field = React.useRef<HTMLInputElement>(null);
  useFocusBehind(field);
  React.useEffect(() => field.current?.focus(), []);
  const reply = (): void => void panel.attempt(() => thread.reply(run, value));
  return (
    <form
      className="jp-Assistants-approval"
      aria-label={trans.__('The code is asking for your input')}
      onSubmit={event => {
        event.preventDefault();
        reply();
      }}
    >
      <label>
        {visible(request.prompt) || trans.__('The code is asking for your input')}
        <input
          ref={field}
          className="jp-Assistants-search"
          type={request.password ? 'password' : 'text'}
          value={value}
          autoComplete="off"
          onChange={event => setValue(event.target.value)}
        />
      </label>
      <div className="jp-Assistants-approvalButtons">
        <button type="submit" className="jp-mod-accept">
          {trans.__('Answer')}
        </button>
      </div>
    </form>
  );
}
