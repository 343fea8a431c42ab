import * as React from 'react';
import { visible } from '../../base/hidden';
import { Item, ThreadModel } from './model';
import { Entry } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { Guarded } from '../../base/Guarded';
import { MessageCard } from './MessageCard';
import { setHeight, useNear } from './nearness';
import { RunCard } from './RunCard';
import { UserMessage } from './UserMessage';

export namespace ThreadItem {
  export interface IProps {
    item: Item;
    thread: ThreadModel;
    /** Where it stands in the thread; tells answers apart by name. */
    number: number;
    /** Whether a run goes on in the thread. */
    busy: boolean;
    /** Whether it goes on itself, or is the newest: it is drawn wherever one reads. */
    live: boolean;
  }
}

/** A message or a run of a thread. Far from what is read, its words stand for it. */
export const ThreadItem = React.memo(function ThreadItem(props: ThreadItem.IProps) {
  const { item, live } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const { near, keep } = useNear(host, live);
  // Set once: when it leaves, what it was like is known better.
  React.useLayoutEffect(() => setHeight(host.current!, roughHeight(item)), []);
  return (
    <div
      ref={host}
      className="jp-Assistants-item"
      onClickCapture={keep}
      onInputCapture={keep}
    >
      {near || live ? <Guarded>{drawn(props)}</Guarded> : <Words {...props} />}
    </div>
  );
});

/** Draw a run, or a message that no run of this thread wrote: imports have such answers too. */
function drawn(props: ThreadItem.IProps): JSX.Element {
  const { item, thread, number, busy } = props;
  if (item.kind === 'run') {
    return <RunCard run={item.run} thread={thread} number={number} />;
  }
  const { entry, message } = item;
  return entry.role === 'user' ? (
    <UserMessage entry={entry} message={message} busy={busy} />
  ) : (
    <MessageCard entry={entry} />
  );
}

/** The words of something far away, for who searches in the page and for who listens to it. */
function Words(props: ThreadItem.IProps): JSX.Element {
  const { trans } = usePanel();
  const { item, number } = props;
  const messages = entriesOf(item).map(
    entry =>
      entry.type === 'message' && (
        <article
          key={entry.id}
          className={`jp-Assistants-message jp-mod-${entry.role}`}
          aria-label={entry.role === 'user' ? trans.__('You') : trans.__('Assistant')}
          data-message-id={entry.id}
        >
          <div className="jp-Assistants-plain">{visible(wordsOf(entry))}</div>
        </article>
      )
  );
  return item.kind === 'run' ? (
    <section
      className="jp-Assistants-run"
      aria-label={trans.__('Answer %1', number)}
      data-run-id={item.id}
      data-status={item.run.view.run?.status}
    >
      {messages}
    </section>
  ) : (
    <>{messages}</>
  );
}

function entriesOf(item: Item): Entry[] {
  return item.kind === 'run' ? item.run.view.entries : [item.entry];
}

function wordsOf(entry: Entry): string {
  return entry.type === 'message'
    ? entry.parts.map(part => part.text).join('\n\n')
    : '';
}

/** Guess how high something is before it was drawn once; afterwards the browser knows. */
function roughHeight(item: Item): number {
  let height = 40;
  for (const entry of entriesOf(item)) {
    height += 60;
    for (const line of wordsOf(entry).split('\n')) {
      height += line ? 20 * Math.ceil(line.length / 55) : 4;
    }
  }
  return height;
}
