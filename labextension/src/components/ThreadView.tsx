import * as React from 'react';
import { Item, ThreadModel } from '../model/thread';
import { usePanel } from './context';
import { Guarded } from './Guarded';
import { MessageCard } from './MessageCard';
import { RunCard } from './RunCard';
import { useModel } from './useModel';
import { UserMessage } from './UserMessage';
import { Welcome } from './Welcome';

const NEAR = 40;

/** A thread: its messages and runs, kept at its end while one reads there. */
export function ThreadView(props: { thread: ThreadModel | null }): JSX.Element {
  const { trans } = usePanel();
  const { thread } = props;
  useModel(thread);
  const scroller = useStickToEnd(thread);
  return (
    <div
      className="jp-Assistants-thread"
      ref={scroller}
      role="log"
      aria-label={trans.__('Conversation')}
      aria-live="off"
      tabIndex={0}
    >
      {thread === null && <Welcome />}
      {thread?.feed === 'lost' && (
        <div className="jp-Assistants-lost" role="status">
          {trans.__('The connection is lost. Connecting again …')}
          <button type="button" onClick={() => thread.reconnect()}>
            {trans.__('Connect now')}
          </button>
        </div>
      )}
      {thread?.loading && thread.items.length === 0 && (
        <p className="jp-Assistants-empty">{trans.__('Loading …')}</p>
      )}
      {thread?.items.map((item, index) => (
        <Guarded key={item.id}>{drawn(item, thread, index + 1)}</Guarded>
      ))}
    </div>
  );
}

/** Draw a run, or a message that no run of this thread wrote: copies have such answers too. */
function drawn(item: Item, thread: ThreadModel, number: number): JSX.Element {
  if (item.kind === 'run') {
    return <RunCard run={item.run} thread={thread} number={number} />;
  }
  const { entry, message } = item;
  return entry.role === 'user' ? (
    <UserMessage entry={entry} message={message} busy={thread.active !== null} />
  ) : (
    <MessageCard entry={entry} />
  );
}

/** Keep a scroller at its end while it is there; read what is above when it is at its top. */
function useStickToEnd(thread: ThreadModel | null): React.RefObject<HTMLDivElement> {
  const ref = React.useRef<HTMLDivElement>(null);
  const stuck = React.useRef(true);
  React.useEffect(() => {
    const node = ref.current;
    if (node === null) {
      return;
    }
    stuck.current = true;
    const onScroll = (): void => {
      stuck.current = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR;
      if (node.scrollTop < NEAR && thread?.hasEarlier) {
        const below = node.scrollHeight - node.scrollTop;
        void thread.readEarlier().then(() => {
          node.scrollTop = node.scrollHeight - below;
        });
      }
    };
    const follow = (): void => {
      if (stuck.current) {
        node.scrollTop = node.scrollHeight;
      }
    };
    const grown = new ResizeObserver(follow);
    const added = new MutationObserver(() => {
      grown.disconnect();
      [node, ...node.children].forEach(child => grown.observe(child));
      follow();
    });
    node.addEventListener('scroll', onScroll, { passive: true });
    added.observe(node, { childList: true });
    [node, ...node.children].forEach(child => grown.observe(child));
    follow();
    return () => {
      node.removeEventListener('scroll', onScroll);
      added.disconnect();
      grown.disconnect();
    };
  }, [thread]);
  return ref;
}
