import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { RunModel } from '../chat/run';
import { pretty } from '../../base/pretty';
import { ThreadModel } from '../chat/model';
import { Waiting } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { focusBehind, mayTakeFocus, useFocusBehind } from '../../base/focus';
import { IconButton } from '../../base/IconButton';

export namespace FunctionCalls {
  export interface IProps {
    calls: Waiting[];
    run: RunModel;
    thread: ThreadModel;
  }
}

/** A form for the functions that a run waits for: a person enters their outputs. */
export function FunctionCalls(props: FunctionCalls.IProps): JSX.Element {
  const { panel, trans } = usePanel();
  const { calls } = props;
  const form = React.useRef<HTMLFormElement>(null);
  const { outputs, setOutput, sent, submit } = useOutputs(props, form);
  return (
    <form
      ref={form}
      className="jp-Assistants-approval"
      aria-label={trans.__('Functions waiting for their outputs')}
      onSubmit={event => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !sent) {
          event.preventDefault();
          event.stopPropagation();
          void submit();
        }
      }}
    >
      <p className="jp-Assistants-approvalTitle">
        {trans._n(
          'What does this function return?',
          'What do these functions return?',
          calls.length
        )}
      </p>
      {calls.map(call => (
        <FunctionCall
          key={call.id}
          call={call}
          value={outputs[call.id] ?? ''}
          disabled={sent}
          onChange={text => setOutput(call.id, text)}
        />
      ))}
      <div className="jp-Assistants-approvalButtons">
        <button type="submit" className="jp-mod-accept" disabled={sent}>
          {trans.__('Submit outputs')}
        </button>
        <button type="button" disabled={sent} onClick={() => void panel.stop()}>
          {trans.__('Cancel run')}
        </button>
      </div>
    </form>
  );
}

interface Outputs {
  /** What was entered, by the id of the call. */
  outputs: Record<string, string>;
  setOutput(callId: string, text: string): void;
  /** Whether the outputs are sent, or on their way. */
  sent: boolean;
  submit(): Promise<void>;
}

/** Return what a person entered, and move the focus into the form and out of it. */
function useOutputs(
  props: FunctionCalls.IProps,
  form: React.RefObject<HTMLFormElement>
): Outputs {
  const { panel } = usePanel();
  const { calls, run, thread } = props;
  const [outputs, setOutputs] = React.useState<Record<string, string>>({});
  const [sent, setSent] = React.useState(false);
  useFocusBehind(form);
  React.useEffect(() => {
    if (mayTakeFocus(form.current!.closest('.jp-Assistants-panel'))) {
      form.current!.querySelector('textarea')?.focus();
    }
  }, [form]);
  const setOutput = (callId: string, text: string): void =>
    setOutputs({ ...outputs, [callId]: text });
  const submit = async (): Promise<void> => {
    const leave = focusBehind(form.current);
    setSent(true);
    const given = calls.map(call => ({
      tool_call_id: call.id,
      output: outputs[call.id] ?? ''
    }));
    const done = await panel.attempt(() => thread.answer(run, given));
    setSent(done);
    if (done) {
      leave();
    }
  };
  return { outputs, setOutput, sent, submit };
}

/** One function call: its name, its arguments, and a field for its output. */
function FunctionCall(props: {
  call: Waiting;
  value: string;
  disabled: boolean;
  onChange: (text: string) => void;
}): JSX.Element {
  const { trans, actions } = usePanel();
  const { call, value, disabled } = props;
  const name = visible(call.name);
  const given = pretty(call.arguments);
  return (
    <fieldset className="jp-Assistants-function" disabled={disabled}>
      <legend>
        <code>{name}</code>
      </legend>
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy the arguments of %1', name)}
        onClick={() => actions.copy(given)}
      />
      <pre
        className="jp-Assistants-plain"
        role="group"
        aria-label={trans.__('Arguments of %1', name)}
        tabIndex={0}
      >
        {visible(given)}
      </pre>
      <textarea
        aria-label={trans.__('Output of %1', name)}
        placeholder={trans.__('Output: text or JSON')}
        className="jp-Assistants-approvalCode"
        spellCheck={false}
        rows={Math.min(Math.max(value.split('\n').length, 2), 12)}
        value={value}
        onChange={event => props.onChange(event.target.value)}
      />
    </fieldset>
  );
}
