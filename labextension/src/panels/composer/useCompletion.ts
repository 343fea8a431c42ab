import * as React from 'react';
import { commandSuggestions } from './slashCommands';
import {
  completeText,
  matchingSuggestions,
  updateSuggestions,
  Suggestion,
  Trigger,
  triggerAt
} from './completion';
import {
  applyChoice,
  otherSuggestions,
  variableSuggestions
} from './suggestionSources';
import { usePanel } from '../../base/context';

/** The state of the completion of one field. */
export interface Completion {
  open: boolean;
  listId: string;
  activeId: string;
  suggestions: Suggestion[];
  active: number;
  /** Update the suggestions for the text before the caret. */
  update(): void;
  close(): void;
  choose(suggestion: Suggestion): void;
  /** Handle a key; returns whether the list used it. */
  onKeyDown(event: React.KeyboardEvent): boolean;
}

const LIST_ID = 'jp-assistants-suggestions';

/** Complete `@` mentions and `/` commands in a field. */
export function useCompletion(field: React.RefObject<HTMLTextAreaElement>): Completion {
  const context = usePanel();
  const { panel } = context;
  const offer = useOffer(field);
  const { trigger, suggestions, active, close } = offer;
  const choose = (suggestion: Suggestion): void => {
    const node = field.current;
    if (!trigger || !node) {
      return;
    }
    close();
    const { text, caret } = completeText(node.value, trigger, suggestion.insert);
    panel.composer.write(text);
    requestAnimationFrame(() => node.setSelectionRange(caret, caret));
    void applyChoice(context, suggestion);
  };
  const open = trigger !== null && suggestions.length > 0;
  const onKeyDown = (event: React.KeyboardEvent): boolean => {
    if (!open) {
      return false;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      offer.move((active + step + suggestions.length) % suggestions.length);
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      choose(suggestions[active]);
    } else if (event.key === 'Escape') {
      close();
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const { update } = offer;
  const activeId = `${LIST_ID}-${active}`;
  return {
    open,
    listId: LIST_ID,
    activeId,
    suggestions,
    active,
    update,
    close,
    choose,
    onKeyDown
  };
}

/** What is offered for the text before the caret of a field. */
interface Offer {
  trigger: Trigger | null;
  suggestions: Suggestion[];
  active: number;
  update(): void;
  close(): void;
  /** Make another suggestion the active one. */
  move(active: number): void;
}

function useOffer(field: React.RefObject<HTMLTextAreaElement>): Offer {
  const context = usePanel();
  const [trigger, setTrigger] = React.useState<Trigger | null>(null);
  const [suggestions, setSuggestions] = React.useState<Suggestion[]>([]);
  const [active, setActive] = React.useState(0);
  const latest = React.useRef(0);
  const close = React.useCallback(() => {
    latest.current += 1;
    setTrigger(null);
  }, []);
  const update = React.useCallback(() => {
    const node = field.current;
    const found = node && triggerAt(node.value, node.selectionStart);
    if (!found) {
      close();
      return;
    }
    const request = (latest.current += 1);
    const show = (all: Suggestion[], first: boolean): boolean => {
      if (request !== latest.current) {
        return false;
      }
      setTrigger(found);
      setSuggestions(matchingSuggestions(all, found.query));
      if (first) {
        setActive(0);
      }
      return true;
    };
    const variables = {
      ready: () => otherSuggestions(context, found),
      pending: () => variableSuggestions(context)
    };
    const commands = { ready: async () => commandSuggestions(context) };
    void updateSuggestions(found.sign === '/' ? commands : variables, show);
  }, [context, field, close]);
  const move = (to: number): void => {
    // Moving freezes the list: a late answer must not move the selection.
    latest.current += 1;
    setActive(to);
  };
  return { trigger, suggestions, active, update, close, move };
}
