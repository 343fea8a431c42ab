import * as React from 'react';
import { ErrorNote } from '../../base/ErrorNote';
import { usePanel } from '../../base/context';

/** The last error of the panel. */
export function ErrorBar(): JSX.Element | null {
  const { panel } = usePanel();
  return <ErrorNote error={panel.error} />;
}
