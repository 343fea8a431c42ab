import * as React from 'react';
import { visible } from '../../base/hidden';
import { RunModel } from '../chat/run';
import { ThreadModel } from '../chat/model';
import { usePanel } from '../../base/context';
import { useFocusBehind } from '../../base/focus';

/** What running code asks by `input()`. The focus goes to it. */
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
      aria-label={trans.__('The code asks for your input')}
      onSubmit={event => {
        event.preventDefault();
        reply();
      }}
    >
      <label>
        {visible(request.prompt) || trans.__('The code asks for your input')}
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
