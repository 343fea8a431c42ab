import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { RunModel } from './run';
import { ThreadModel } from './model';
import { Waiting } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { isApproval } from '../approval/model';
import { useModel } from '../../base/useModel';

const LONG = 1000;

/**
 * A live region for screen readers. It announces the run's state, and then the whole answer
 * at once: words that stream in one by one cannot be followed by ear.
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
      // The run's status is an alert and announces itself.
      return '';
    default:
      return trans.__('Working …');
  }
}

function waitsFor(waiting: Waiting[], trans: TranslationBundle): string {
  if (waiting.length === 0) {
    return '';
  }
  return waiting.some(isApproval)
    ? trans.__('Code is waiting for your approval.')
    : trans.__('A function is waiting for its output.');
}

function answerOf(run: RunModel, trans: TranslationBundle): string {
  const messages = run.view.entries.filter(each => each.type === 'message');
  const last = messages[messages.length - 1];
  const text =
    last?.type === 'message' ? last.parts.map(part => part.text).join(' ') : '';
  const whole = visible(text.trim());
  return whole.length > LONG
    ? trans.__('%1 … The answer continues.', whole.slice(0, LONG))
    : whole || trans.__('Done');
}
