import * as React from 'react';
import { visible } from './hiddenCharacters';

/** An error message. */
export function ErrorNote(props: { error: Error | null }): JSX.Element | null {
  const { error } = props;
  return error === null ? null : (
    <div className="jp-Assistants-error" role="alert">
      {visible(error.message)}
    </div>
  );
}
