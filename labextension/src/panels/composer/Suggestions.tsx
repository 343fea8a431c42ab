import * as React from 'react';
import { usePanel } from '../../base/context';
import { Completion } from './useCompletion';

/** The list of suggestions. */
export function Suggestions(props: { completion: Completion }): JSX.Element | null {
  const { trans } = usePanel();
  const { completion } = props;
  if (!completion.open) {
    return null;
  }
  return (
    <ul
      id={completion.listId}
      className="jp-Assistants-suggestions"
      role="listbox"
      aria-label={trans.__('Suggestions')}
    >
      {completion.suggestions.map((each, index) => (
        <li
          key={`${each.kind} ${each.value}`}
          id={`${completion.listId}-${index}`}
          role="option"
          aria-selected={index === completion.active}
          onMouseDown={event => {
            // Keep the focus in the field.
            event.preventDefault();
            completion.choose(each);
          }}
        >
          <span className="jp-Assistants-suggestion">{each.label}</span>
          <span className="jp-Assistants-suggestionDetail">{each.detail}</span>
        </li>
      ))}
    </ul>
  );
}
