import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
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
    /** Position in the thread, which tells answers apart by name. */
    number: number;
    /** Whether the thread has an active run. */
    busy: boolean;
    /** Whether it is active or newest, and therefore always drawn. */
    live: boolean;
  }
}

/** A message or a run of a thread. Far from the viewport, only its text is drawn. */
export const ThreadItem = React.memo(function ThreadItem(props: ThreadItem.IProps) {
  const { item, live } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const { near, keep } = useNear(host, live);
  // Only a first guess: once drawn, its real height is known.
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

/** Draw a run or a message. Imported answers belong to no run of this thread. */
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

/** The text of an item outside the viewport, for the browser's search and screen readers. */
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

/** Estimate the height of an item that was not drawn yet. */
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
