import * as React from 'react';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { ThreadRow } from './ThreadRow';
import { useModel } from '../../base/useModel';

const SEARCH_DELAY = 200;

/** All threads, newest first, with a search over titles and messages. */
export function ThreadList(): JSX.Element {
  const { panel, trans } = usePanel();
  const { threads } = panel;
  useModel(threads);
  const [query, setQuery] = React.useState(threads.query);
  React.useEffect(() => {
    if (query === threads.query) {
      return;
    }
    const timer = setTimeout(() => void threads.load(query), SEARCH_DELAY);
    return () => clearTimeout(timer);
  }, [query, threads]);
  return (
    <div className="jp-Assistants-threads">
      <input
        type="search"
        className="jp-Assistants-search"
        placeholder={trans.__('Search titles and messages')}
        aria-label={trans.__('Search threads')}
        value={query}
        onChange={event => setQuery(event.target.value)}
      />
      <ErrorNote error={threads.error} />
      <ul className="jp-Assistants-threadRows" aria-label={trans.__('Threads')}>
        {threads.threads.map(thread => (
          <ThreadRow
            key={thread.id}
            thread={thread}
            current={panel.thread?.id === thread.id}
          />
        ))}
      </ul>
      {threads.threads.length === 0 && !threads.loading && (
        <p className="jp-Assistants-empty">
          {query ? trans.__('No matching threads.') : trans.__('No threads yet.')}
        </p>
      )}
      {threads.hasMore && (
        <button type="button" onClick={() => void threads.loadMore()}>
          {trans.__('Show more')}
        </button>
      )}
    </div>
  );
}
