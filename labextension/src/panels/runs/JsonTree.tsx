import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { summary } from './rawEvents';

/** Largest number of children that are drawn; the rest is counted. */
const MOST = 200;

/** A foldable JSON value. Folded children are not drawn. */
export function JsonTree(props: {
  value: unknown;
  name?: string;
  open?: boolean;
}): JSX.Element {
  const { value, name, open: begin = false } = props;
  const [open, setOpen] = React.useState(begin);
  const label = name !== undefined && (
    <span className="jp-Assistants-jsonName">{visible(name)}: </span>
  );
  if (typeof value !== 'object' || value === null) {
    return (
      <div className="jp-Assistants-jsonLeaf" data-type={typeof value}>
        {label}
        <span>{visible(JSON.stringify(value) ?? 'undefined')}</span>
      </div>
    );
  }
  const pairs = Object.entries(value);
  if (pairs.length === 0) {
    return (
      <div className="jp-Assistants-jsonLeaf">
        {label}
        <span>{Array.isArray(value) ? '[]' : '{}'}</span>
      </div>
    );
  }
  return (
    <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <span className="jp-Assistants-jsonSummary">{visible(summary(value))}</span>
      </summary>
      {open && (
        <div className="jp-Assistants-jsonChildren">
          {pairs.slice(0, MOST).map(([key, each]) => (
            <JsonTree key={key} name={key} value={each} />
          ))}
          {pairs.length > MOST && <div>… {pairs.length - MOST}</div>}
        </div>
      )}
    </details>
  );
}
