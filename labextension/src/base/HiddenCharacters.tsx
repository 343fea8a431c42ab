import * as React from 'react';
import { hiddenIn } from './hidden';
import { usePanel } from './context';

/** Says which characters of a text that can be edited nobody can see. */
export function HiddenCharacters(props: { text: string }): JSX.Element | null {
  const { trans } = usePanel();
  const found = hiddenIn(props.text);
  if (found.length === 0) {
    return null;
  }
  return (
    <p className="jp-Assistants-note" role="alert">
      {trans.__('Characters that hide or turn text around:')}{' '}
      {found.map(each => trans.__('%1 in line %2', each.name, each.line)).join(', ')}
    </p>
  );
}
