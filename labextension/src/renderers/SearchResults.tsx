import * as React from 'react';
import { visible } from '../base/hidden';
import { Json } from '../wire/transcript';
import { usePanel } from '../base/context';

/** What a search in files was asked for, and the files that it found. */
export function SearchResults(props: { search: Json }): JSX.Element {
  const { trans } = usePanel();
  const queries = props.search.queries as string[];
  const names = [
    ...new Set((props.search.results as Json[]).map(each => String(each.file_name)))
  ];
  return (
    <div className="jp-Assistants-note">
      {queries.length > 0 && <div>{visible(queries.join(' · '))}</div>}
      <div>
        {names.length > 0 ? visible(names.join(', ')) : trans.__('Nothing was found.')}
      </div>
    </div>
  );
}
