import * as React from 'react';
import { visible } from '../base/hiddenCharacters';
import { usePanel } from '../base/context';
import { TableHead } from '../wire/types';

/** The first rows of a table in text, and what the server says of how it is read. */
export function TablePreview(props: { fileId: string; name: string }): JSX.Element {
  const { panel, trans } = usePanel();
  const [table, setTable] = React.useState<TableHead | null>(null);
  const [error, setError] = React.useState('');
  React.useEffect(() => {
    const reading = new AbortController();
    panel.client
      .fileTable(props.fileId, reading.signal)
      .then(setTable)
      .catch(reason => !reading.signal.aborted && setError((reason as Error).message));
    return () => reading.abort();
  }, [panel, props.fileId]);
  if (table === null) {
    return <p className="jp-Assistants-empty">{error || trans.__('Loading …')}</p>;
  }
  return (
    <div
      className="jp-Assistants-table"
      tabIndex={0}
      role="region"
      aria-label={trans.__('First rows of %1', props.name)}
    >
      <table>
        <thead>
          <tr>
            {table.header.map((name, index) => (
              <th key={index} scope="col">
                {visible(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((value, column) => (
                <td key={column}>{visible(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.remarks.map(remark => (
        <p key={remark} className="jp-Assistants-note">
          {visible(remark)}
        </p>
      ))}
      {table.more && <p className="jp-Assistants-note">{trans.__('and more rows')}</p>}
    </div>
  );
}
