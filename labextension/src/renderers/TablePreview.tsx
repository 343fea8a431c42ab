import * as React from 'react';
import { visible } from '../base/hiddenCharacters';
import { readTable, Table } from './csv';
import { usePanel } from '../base/context';

const MOST_BYTES = 200_000;

/** The first rows of a CSV file. */
export function TablePreview(props: { fileId: string; name: string }): JSX.Element {
  const { panel, trans } = usePanel();
  const [table, setTable] = React.useState<Table | null>(null);
  const [error, setError] = React.useState('');
  React.useEffect(() => {
    const reading = new AbortController();
    panel.client
      .fileContent(props.fileId, reading.signal)
      .then(blob => blob.slice(0, MOST_BYTES).text())
      .then(text => setTable(readTable(text, 20)))
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
      {table.more && <p className="jp-Assistants-note">{trans.__('and more rows')}</p>}
    </div>
  );
}
