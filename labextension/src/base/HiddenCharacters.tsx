import * as React from 'react';
import { hiddenIn } from './hiddenCharacters';
import { usePanel } from './context';

/** A note that names the hidden characters of an editable text. */
export function HiddenCharacters(props: { text: string }): JSX.Element | null {
  const { trans } = usePanel();
  const found = hiddenIn(props.text);
  if (found.length === 0) {
    return null;
  }
  return (
    <p className="jp-Assistants-note" role="alert">
      {trans.__('Hidden characters that can mislead:')}{' '}
      {found.map(each => trans.__('%1 on line %2', each.name, each.line)).join(', ')}
    </p>
  );
}
