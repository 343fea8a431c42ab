import * as React from 'react';
import { ApprovalBar } from '../approval/view';
import { Announcer } from '../chat/Announcer';
import { Composer } from '../composer/view';
import { usePanel } from '../../base/context';
import { ErrorBar } from './ErrorBar';
import { Header } from './Header';
import { ThreadFooter } from '../chat/ThreadFooter';
import { ThreadList } from '../threads/view';
import { ThreadView } from '../chat/view';
import { useModel } from '../../base/useModel';

/** The whole panel: a header, and a thread with its composer or the list of threads. */
export function Panel(): JSX.Element {
  const { panel } = usePanel();
  useModel(panel);
  return (
    <div className="jp-Assistants-panel">
      <Header />
      {panel.page === 'threads' ? (
        <ThreadList />
      ) : (
        <>
          <ThreadView thread={panel.thread} />
          {panel.thread && <ThreadFooter thread={panel.thread} />}
          <Announcer key={panel.thread?.id ?? 'none'} thread={panel.thread} />
          <ErrorBar />
          {panel.thread && (
            <ApprovalBar key={`approval ${panel.thread.id}`} thread={panel.thread} />
          )}
          <Composer />
        </>
      )}
    </div>
  );
}
