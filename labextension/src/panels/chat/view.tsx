import * as React from 'react';
import { ThreadModel } from './model';
import { usePanel } from '../../base/context';
import { Nearness, NearnessContext } from './nearness';
import { ReadingPosition } from './readingPosition';
import { ThreadItem } from './ThreadItem';
import { useModel } from '../../base/useModel';
import { Welcome } from './Welcome';

/** Number of newest items that are drawn at once, because they are seen first. */
const NEWEST = 4;

/** A thread, which stays scrolled to its end while one reads there. */
export function ThreadView(props: { thread: ThreadModel | null }): JSX.Element {
  const { trans } = usePanel();
  const { thread } = props;
  useModel(thread);
  const { ref, nearness } = useScroller(thread);
  const items = thread?.items ?? [];
  return (
    <div
      className="jp-Assistants-thread"
      ref={ref}
      role="log"
      aria-label={trans.__('Conversation')}
      aria-live="off"
      tabIndex={0}
    >
      {thread === null && <Welcome />}
      {thread?.feed === 'lost' && (
        <div className="jp-Assistants-lost" role="status">
          {trans.__('Connection lost. Reconnecting …')}
          <button type="button" onClick={() => thread.reconnect()}>
            {trans.__('Reconnect now')}
          </button>
        </div>
      )}
      {thread?.loading && items.length === 0 && (
        <p className="jp-Assistants-empty">{trans.__('Loading …')}</p>
      )}
      {thread && nearness && (
        <NearnessContext.Provider value={nearness}>
          {items.map((item, index) => (
            <ThreadItem
              key={item.id}
              item={item}
              thread={thread}
              number={index + 1}
              busy={thread.active !== null}
              live={
                index >= items.length - NEWEST ||
                (item.kind === 'run' && item.run === thread.active)
              }
            />
          ))}
        </NearnessContext.Provider>
      )}
    </div>
  );
}

/** Keep the reading position, and load older messages before they are scrolled to. */
function useScroller(thread: ThreadModel | null): {
  ref: React.RefObject<HTMLDivElement>;
  nearness: Nearness | null;
} {
  const { panel } = usePanel();
  const ref = React.useRef<HTMLDivElement>(null);
  const [nearness, setNearness] = React.useState<Nearness | null>(null);
  React.useLayoutEffect(() => {
    const created = new Nearness(ref.current!);
    setNearness(created);
    return () => created.dispose();
  }, []);
  React.useEffect(() => {
    const position = new ReadingPosition(ref.current!, () => {
      if (thread?.hasEarlier) {
        thread.readEarlier().catch(error => panel.attempt(() => Promise.reject(error)));
      }
    });
    return () => position.dispose();
  }, [thread, panel]);
  return { ref, nearness };
}
