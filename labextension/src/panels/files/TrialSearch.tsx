import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { FilesModel } from './model';
import { usePanel } from '../../base/context';

/** A form that searches a vector store as the model would. */
export function TrialSearch(props: { files: FilesModel }): JSX.Element {
  const { files } = props;
  const { trans } = usePanel();
  const [query, setQuery] = React.useState('');
  return (
    <form
      role="search"
      className="jp-Assistants-trial"
      onSubmit={event => {
        event.preventDefault();
        if (query.trim()) {
          void files.search(query.trim());
        }
      }}
    >
      <div className="jp-Assistants-buttons">
        <input
          type="search"
          aria-label={trans.__('Try a search')}
          placeholder={trans.__('Try a search')}
          value={query}
          onChange={event => setQuery(event.target.value)}
        />
        <button type="submit" disabled={!query.trim() || files.busy}>
          {trans.__('Search')}
        </button>
      </div>
      {files.found?.length === 0 && <p role="status">{trans.__('Nothing found.')}</p>}
      <ol aria-label={trans.__('Search results')}>
        {(files.found ?? []).map((each, index) => (
          <li key={index}>
            <strong>{visible(each.filename)}</strong>{' '}
            <span className="jp-Assistants-note">
              {trans.__('score %1', each.score.toFixed(2))}
            </span>
            <blockquote tabIndex={0}>
              {visible(each.content.map(part => part.text).join('\n'))}
            </blockquote>
          </li>
        ))}
      </ol>
    </form>
  );
}
