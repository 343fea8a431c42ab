import * as React from 'react';
import { statusOf } from './model';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';

/** The model, the state of the run and the tokens of the open thread, for the status bar. */
export function StatusItem(props: { onOpen: () => void }): JSX.Element | null {
  const { panel, trans } = usePanel();
  useModel(panel);
  useModel(panel.thread);
  useModel(panel.thread?.active ?? null);
  useModel(panel.assistants);
  useModel(panel.preferences);
  const { thread, assistants } = panel;
  // Streaming text does not change it, and a long thread has many runs to add up.
  const { model, status, tokens } = React.useMemo(
    () => statusOf(panel),
    [panel, thread, thread?.revision, thread?.active?.object, assistants.revision]
  );
  if (!panel.preferences.values.showStatus) {
    return null;
  }
  const words: Record<string, string> = {
    queued: trans.__('starting'),
    in_progress: trans.__('answering'),
    requires_action: trans.__('waiting for you'),
    cancelling: trans.__('stopping')
  };
  const parts = [
    model || trans.__('Assistant'),
    ...(status ? [words[status] ?? status] : []),
    ...(tokens > 0 ? [trans._n('%1 token', '%1 tokens', tokens)] : [])
  ];
  return (
    <button
      type="button"
      className="jp-Assistants-status"
      title={trans.__('Open the assistant')}
      data-status={status || 'idle'}
      onClick={props.onOpen}
    >
      {parts.join(' · ')}
    </button>
  );
}
