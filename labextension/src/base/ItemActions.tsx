import * as React from 'react';

/** A row of small buttons under a message or an answer. */
export function ItemActions(props: {
  label: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <div className="jp-Assistants-actions" role="group" aria-label={props.label}>
      {props.children}
    </div>
  );
}
