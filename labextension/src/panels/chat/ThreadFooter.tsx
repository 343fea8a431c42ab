import * as React from 'react';
import { ThreadModel } from './model';
import type { ThreadUsage } from '../../wire/types';
import { usePanel } from '../../base/context';
import { FilesShelf } from './FilesShelf';
import { useModel } from '../../base/useModel';

/** Below a thread: the files that code wrote, and the total usage. */
export function ThreadFooter(props: { thread: ThreadModel }): JSX.Element | null {
  const { panel, trans } = usePanel();
  const { thread } = props;
  useModel(thread);
  useModel(panel.preferences);
  const { showUsage } = panel.preferences.values;
  const [usage, setUsage] = React.useState<ThreadUsage | null>(null);
  const over = thread.active === null && thread.items.length > 0;
  // Older pages that load above do not change the total.
  const newest = thread.items.at(-1)?.id;
  React.useEffect(() => {
    let wanted = over;
    if (over) {
      thread
        .usage()
        .then(found => wanted && setUsage(found))
        .catch(() => undefined);
    }
    return () => {
      wanted = false;
    };
  }, [thread, over, newest]);
  const figures: string[] = [];
  if (showUsage && usage && usage.total_tokens > 0) {
    figures.push(trans.__('%1 tokens', usage.total_tokens.toLocaleString()));
  }
  if (showUsage && usage?.cost) {
    figures.push(`$${usage.cost.toFixed(usage.cost < 0.1 ? 4 : 2)}`);
  }
  if (thread.files.length === 0 && figures.length === 0) {
    return null;
  }
  return (
    <div className="jp-Assistants-footer">
      <FilesShelf thread={thread} />
      <span className="jp-Assistants-figures" title={trans.__('Total for this thread')}>
        {figures.join(' · ')}
      </span>
    </div>
  );
}
