import * as React from 'react';
import { visible } from '../model/hidden';
import { usePanel } from './context';

/** What went wrong last, in the server's words. */
export function ErrorBar(): JSX.Element | null {
  const { panel } = usePanel();
  if (panel.error === null) {
    return null;
  }
  return (
    <div className="jp-Assistants-error" role="alert">
      {visible(panel.error.message)}
    </div>
  );
}
