import * as React from 'react';
import { usePanel } from '../../base/context';
import { visible } from '../../base/hiddenCharacters';
import { CallEntry, Json } from '../../wire/transcript';
import { StepRenderer } from './base';

/** A search in vector stores: its queries, and the files that it found passages in. */
export const fileSearch: StepRenderer = {
  title: (_, running, trans) =>
    running ? trans.__('Searching files …') : trans.__('Searched files'),
  Details: SearchResults
};

function SearchResults(props: { call: CallEntry }): JSX.Element | null {
  const { trans } = usePanel();
  const { search } = props.call;
  if (search === null) {
    return null;
  }
  const queries = search.queries as string[];
  const names = (search.results as Json[]).map(each => String(each.file_name));
  const found = [...new Set(names)];
  return (
    <div className="jp-Assistants-note">
      {queries.length > 0 && <div>{visible(queries.join(' · '))}</div>}
      <div>
        {found.length > 0 ? visible(found.join(', ')) : trans.__('Nothing found.')}
      </div>
    </div>
  );
}
