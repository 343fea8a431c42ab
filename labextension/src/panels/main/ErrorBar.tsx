import * as React from 'react';
import { ErrorNote } from '../../base/ErrorNote';
import { usePanel } from '../../base/context';

/** What went wrong last in the panel. */
export function ErrorBar(): JSX.Element | null {
  const { panel } = usePanel();
  return <ErrorNote error={panel.error} />;
}
