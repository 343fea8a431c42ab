import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { RunModel } from './run';
import { usePanel } from '../../base/context';
import { isApproval } from '../approval/model';

const CODE = 'code_interpreter';

/** A run's status: what it does or waits for, or why it ended. */
export function RunStatus(props: { run: RunModel }): JSX.Element | null {
  const { trans } = usePanel();
  const { run: state, error, entries, waiting: calls } = props.run.view;
  if (state === null) {
    return null;
  }
  const ranCode = entries.some(each => each.type === 'call' && each.kind === CODE);
  const waiting = props.run.object?.jupyter?.waiting as string | undefined;
  const words: Record<string, string> = {
    queued: trans.__('Waiting to start …'),
    in_progress: waiting || trans.__('Working …'),
    requires_action: calls.some(isApproval)
      ? trans.__('Waiting for your approval')
      : trans.__('Waiting for an output'),
    cancelling: trans.__('Stopping …'),
    cancelled: ranCode
      ? trans.__('Stopped. The code was interrupted; your variables are kept.')
      : trans.__('Stopped'),
    expired: trans.__('The run took too long and expired.'),
    failed: state.error ?? trans.__('The run failed.'),
    incomplete: trans.__('The answer was cut off (%1).', state.incomplete ?? '')
  };
  const text = error ?? words[state.status];
  const failed = state.status === 'failed' || error !== null;
  return (
    <div
      className={`jp-Assistants-runStatus jp-mod-${state.status}`}
      role={failed ? 'alert' : undefined}
    >
      {text && <span>{visible(text)}</span>}
      {state.note && <span className="jp-Assistants-note">{visible(state.note)}</span>}
    </div>
  );
}
