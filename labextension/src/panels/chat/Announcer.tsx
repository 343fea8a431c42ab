import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { visible } from '../../base/hidden';
import { RunModel } from './run';
import { ThreadModel } from './model';
import { Waiting } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';

const LONG = 1000;

/**
 * Says what goes on to people who do not see it: that an answer is being made, that it waits, and
 * then the whole answer at once, because single words as they come cannot be listened to.
 */
export function Announcer(props: { thread: ThreadModel | null }): JSX.Element {
  const { trans } = usePanel();
  const { thread } = props;
  useModel(thread);
  const last = React.useRef<RunModel | null>(null);
  last.current = thread?.active ?? last.current;
  useModel(last.current);
  return (
    <div className="jp-Assistants-spoken" aria-live="polite" aria-atomic="true">
      {last.current && spoken(last.current, trans)}
    </div>
  );
}

function spoken(run: RunModel, trans: TranslationBundle): string {
  const { run: state, waiting } = run.view;
  switch (state?.status) {
    case 'completed':
    case 'incomplete':
      return answerOf(run, trans);
    case 'cancelled':
      return trans.__('Stopped');
    case 'requires_action':
      return waitsFor(waiting, trans);
    case 'failed':
    case 'expired':
      // The status of the run is an alert of its own.
      return '';
    default:
      return trans.__('Working …');
  }
}

function waitsFor(waiting: Waiting[], trans: TranslationBundle): string {
  if (waiting.length === 0) {
    return '';
  }
  return waiting.some(call => call.name === 'approve_code')
    ? trans.__('Code waits for your approval.')
    : trans.__('A function waits for its output.');
}

function answerOf(run: RunModel, trans: TranslationBundle): string {
  const messages = run.view.entries.filter(each => each.type === 'message');
  const last = messages[messages.length - 1];
  const text =
    last?.type === 'message' ? last.parts.map(part => part.text).join(' ') : '';
  const whole = visible(text.trim());
  return whole.length > LONG
    ? trans.__('%1 … The answer goes on.', whole.slice(0, LONG))
    : whole || trans.__('Done');
}
