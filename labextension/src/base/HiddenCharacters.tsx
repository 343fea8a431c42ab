import * as React from 'react';
import { hiddenIn, unseenIn } from './hiddenCharacters';
import { usePanel } from './context';

/** How many characters a note names. */
const MOST = 20;

export namespace HiddenCharacters {
  export interface IProps {
    text: string;
    /** Whether it is code, in which nothing may be hidden at all. */
    code?: boolean;
  }
}

/** A note that names the hidden characters of an editable text. */
export function HiddenCharacters(props: HiddenCharacters.IProps): JSX.Element | null {
  const { trans } = usePanel();
  const { text, code } = props;
  const hidden = React.useMemo(
    () => (code ? unseenIn(text) : hiddenIn(text)),
    [text, code]
  );
  if (hidden.length === 0) {
    return null;
  }
  return (
    <p className="jp-Assistants-note" role="alert">
      {trans.__('Hidden characters that can mislead:')}{' '}
      {hidden
        .slice(0, MOST)
        .map(each => trans.__('%1 on line %2', each.name, each.line))
        .join(', ')}
      {hidden.length > MOST && ', …'}
    </p>
  );
}
