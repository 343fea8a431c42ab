import * as React from 'react';
import { RunModel } from './run';
import { ThreadModel } from './model';
import { Json, Waiting } from '../../wire/transcript';
import { StepCard } from '../../renderers/StepCard';
import { usePanel } from '../../base/context';
import { FunctionCalls } from '../functions/view';
import { InputCard } from '../input/view';
import { MessageCard } from './MessageCard';
import { RunActions } from './RunActions';
import { RunStatus } from './RunStatus';
import { isApproval } from '../approval/model';
import { useModel } from '../../base/useModel';

/** One run: its messages and tool calls in order, and the forms it waits for. */
export function RunCard(props: {
  run: RunModel;
  thread: ThreadModel;
  /** Position in the thread, which tells answers apart by name. */
  number: number;
}): JSX.Element {
  const { trans } = usePanel();
  const { run, thread } = props;
  useModel(run);
  const { entries, waiting, run: state } = run.view;
  const live = run.live;
  // Images that code displayed are shown in their step already.
  const shown = entries.some(
    entry => entry.type === 'call' && entry.outputs.some(isImage)
  );
  return (
    <section
      className="jp-Assistants-run"
      aria-label={trans.__('Answer %1', props.number)}
      data-run-id={run.id}
      data-status={state?.status}
    >
      {entries.map(entry =>
        entry.type === 'message' ? (
          <MessageCard
            key={entry.id}
            entry={entry}
            withoutImages={shown}
            streaming={live && entry.status === 'in_progress'}
          />
        ) : (
          <StepCard
            key={`${entry.step_id} ${entry.id}`}
            call={entry}
            live={live}
            folded={waiting.some(isApproval)}
            undo={() => thread.undo(run, entry.step_id)}
          />
        )
      )}
      {waiting.some(isFunction) && (
        <FunctionCalls
          key={waiting.map(call => call.id).join(' ')}
          calls={waiting.filter(isFunction)}
          run={run}
          thread={thread}
        />
      )}
      {run.object?.jupyter?.input_request && <InputCard run={run} thread={thread} />}
      {state && <RunStatus run={run} />}
      {state && !live && <RunActions run={run} thread={thread} />}
    </section>
  );
}

/** Return whether a call is a function of the assistant; code that a cell runs is not. */
function isFunction(call: Waiting): boolean {
  return !isApproval(call) && call.name !== 'run_python';
}

function isImage(output: Json): boolean {
  const stored = output.metadata?.jupyter_assistants?.file_id;
  return (
    Boolean(stored) ||
    Object.keys(output.data ?? {}).some(mime => mime.startsWith('image/'))
  );
}
