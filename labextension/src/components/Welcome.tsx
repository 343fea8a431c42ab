import * as React from 'react';
import { usePanel } from './context';

/** What an empty thread says. */
export function Welcome(): JSX.Element {
  const { trans } = usePanel();
  return (
    <div className="jp-Assistants-welcome">
      <p>
        {trans.__(
          'Ask about your data. Code runs in your notebook, after you approved it.'
        )}
      </p>
    </div>
  );
}
