import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { PlaygroundModel } from '../playground/model';
import type { Run } from '../../wire/types';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { IconButton } from '../../base/IconButton';
import { useModel } from '../../base/useModel';
import { ThreadPicker } from './ThreadPicker';
import { RunInspector } from './RunInspector';

/** The runs of a thread, and the inspector of one. */
export function RunsTab(props: { model: PlaygroundModel }): JSX.Element {
  const { inspector } = props.model;
  const { panel, trans } = usePanel();
  useModel(inspector);
  React.useEffect(() => {
    if (inspector.thread === '' && panel.thread !== null) {
      void inspector.open(panel.thread.id);
    }
  }, [inspector, panel]);
  const { runs, run } = inspector;
  return (
    <div className="jp-Assistants-split">
      <nav className="jp-Assistants-side" aria-label={trans.__('Runs')}>
        <ThreadPicker
          value={inspector.thread}
          onChange={thread => void inspector.open(thread)}
        />
        {inspector.thread && (
          <IconButton
            icon={refreshIcon}
            label={trans.__('Reload')}
            disabled={inspector.loading}
            onClick={() => void inspector.reload()}
            wide
          />
        )}
        <ul>
          {runs.map(each => (
            <RunRow
              key={each.id}
              run={each}
              current={each.id === run?.id}
              onOpen={() => void inspector.select(each)}
            />
          ))}
        </ul>
        {inspector.thread && runs.length === 0 && !inspector.loading && (
          <p className="jp-Assistants-empty">{trans.__('This thread has no runs.')}</p>
        )}
        {inspector.hasMore && (
          <button type="button" onClick={() => void inspector.loadMore()}>
            {trans.__('Show more')}
          </button>
        )}
      </nav>
      <section className="jp-Assistants-main" aria-label={trans.__('Run')}>
        <ErrorNote error={inspector.error} />
        {run && <RunInspector inspector={inspector} run={run} />}
        {inspector.thread === '' && (
          <p className="jp-Assistants-empty">
            {trans.__('Choose a thread to see its runs, their steps and their events.')}
          </p>
        )}
      </section>
    </div>
  );
}

function RunRow(props: {
  run: Run;
  current: boolean;
  onOpen: () => void;
}): JSX.Element {
  const { run, current, onOpen } = props;
  const began = new Date(run.created_at * 1000);
  return (
    <li className="jp-Assistants-row" aria-current={current || undefined}>
      <button type="button" className="jp-Assistants-rowOpen" onClick={onOpen}>
        <span className="jp-Assistants-rowTitle">
          {began.toLocaleTimeString()} · {run.status}
        </span>
        <span className="jp-Assistants-rowMeta">
          {visible(run.jupyter.resolved_model ?? run.model)}
          {run.usage ? ` · ${run.usage.total_tokens}` : ''}
        </span>
      </button>
    </li>
  );
}
