import { copyIcon, downloadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { InspectorModel } from './model';
import { EventGroup, jsonLines } from './rawEvents';
import type { Run, RunStep } from '../../wire/types';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { JsonTree } from './JsonTree';

/** One run: its object, its steps, and its events as received. */
export function RunInspector(props: {
  inspector: InspectorModel;
  run: Run;
}): JSX.Element {
  const { inspector, run } = props;
  const { trans, actions } = usePanel();
  const { steps, events, groups, reading } = inspector;
  return (
    <>
      <h2>
        {run.id} <span data-status={run.status}>{run.status}</span>
      </h2>
      {run.last_error && (
        <div className="jp-Assistants-error">{visible(run.last_error.message)}</div>
      )}
      <div className="jp-Assistants-json">
        <JsonTree key={run.id} name={trans.__('Run')} value={run} />
      </div>
      <h3>{trans.__('Steps')}</h3>
      {steps.map(each => (
        <StepRow key={each.id} step={each} />
      ))}
      {steps.length === 0 && (
        <p className="jp-Assistants-empty">{trans.__('This run has no steps.')}</p>
      )}
      <div className="jp-Assistants-buttons">
        <h3 id="jp-Assistants-events">{trans.__('Events')}</h3>
        <span className="jp-Assistants-note" role="status">
          {reading
            ? trans._n('%1 event so far', '%1 events so far', events.length)
            : trans._n('%1 event', '%1 events', events.length)}
        </span>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy the events as JSON lines')}
          disabled={events.length === 0}
          onClick={() => actions.copy(jsonLines(events))}
        />
        <IconButton
          icon={downloadIcon}
          label={trans.__('Save the events as JSON lines')}
          disabled={events.length === 0}
          onClick={() =>
            actions.save(new Blob([jsonLines(events)]), `${run.id}.events.jsonl`)
          }
        />
      </div>
      <ol className="jp-Assistants-events" aria-labelledby="jp-Assistants-events">
        {groups.map(group => (
          <EventRow key={group.events[0].number} group={group} />
        ))}
      </ol>
    </>
  );
}

function StepRow(props: { step: RunStep }): JSX.Element {
  const { step } = props;
  const { trans } = usePanel();
  const details = step.step_details;
  const what =
    details.type === 'tool_calls'
      ? details.tool_calls.map(each => each.type).join(', ')
      : details.type;
  const seconds =
    step.completed_at === null ? null : step.completed_at - step.created_at;
  return (
    <div className="jp-Assistants-json">
      <JsonTree
        name={[
          what,
          step.status,
          ...(seconds === null ? [] : [trans.__('%1 s', seconds)]),
          ...(step.usage ? [trans.__('%1 tokens', step.usage.total_tokens)] : [])
        ].join(' · ')}
        value={step}
      />
    </div>
  );
}

/** One event, or consecutive events of the same name. */
function EventRow(props: { group: EventGroup }): JSX.Element {
  const { event, events } = props.group;
  const [first] = events;
  if (events.length === 1) {
    return (
      <li value={first.number}>
        <JsonTree name={event} value={first.data} />
      </li>
    );
  }
  return (
    <li value={first.number}>
      <JsonTree
        name={`${event} × ${events.length}`}
        value={events.map(each => each.data)}
      />
    </li>
  );
}
