import * as React from 'react';
import { visible } from '../../base/hidden';
import { RunModel } from './run';
import { usePanel } from '../../base/context';

/** How a run stands: that it works, why it ended, what it took. */
export function RunStatus(props: { run: RunModel }): JSX.Element | null {
  const { trans } = usePanel();
  const { run: state, error } = props.run.view;
  if (state === null) {
    return null;
  }
  const waiting = props.run.object?.jupyter?.waiting as string | undefined;
  const words: Record<string, string> = {
    queued: trans.__('Waiting to begin …'),
    in_progress: waiting || trans.__('Working …'),
    requires_action: trans.__('Waiting for an answer'),
    cancelling: trans.__('Stopping …'),
    cancelled: trans.__('Stopped'),
    expired: trans.__('The run took too long and expired.'),
    failed: state.error ?? trans.__('The run failed.'),
    incomplete: trans.__('The answer was cut off: %1', state.incomplete ?? '')
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
