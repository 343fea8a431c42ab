import * as React from 'react';
import { commandSuggestions, runCommand } from './slashCommands';
import {
  cellSuggestions,
  completeText,
  fileSuggestions,
  matchingSuggestions,
  updateSuggestions,
  Suggestion,
  Trigger,
  triggerAt
} from './completion';
import { PanelContext, usePanel } from '../../base/context';

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
    void updateSuggestions(
      found.sign === '/'
        ? { ready: async () => commandSuggestions(context) }
        : {
            ready: () => otherSuggestions(context, found),
            pending: () => variableSuggestions(context)
          },
      show
    );
  }, [context, field, close]);
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
      // Arrow keys freeze the list: a late answer must not move the selection.
      latest.current += 1;
      setActive((active + step + suggestions.length) % suggestions.length);
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
  return {
    open,
    listId: LIST_ID,
    activeId: `${LIST_ID}-${active}`,
    suggestions,
    active,
    update,
    close,
    choose,
    onKeyDown
  };
}

/** Return the kernel's variables; null while it is busy or does not answer. */
async function variableSuggestions(
  context: PanelContext
): Promise<Suggestion[] | null> {
  const variables = await context.panel.variables().catch(() => null);
  return (
    variables?.map(each => ({
      kind: 'variable',
      insert: `@${each.name}`,
      label: each.name,
      detail: `${each.type} ${each.text}`.trim(),
      value: each.name
    })) ?? null
  );
}

async function otherSuggestions(
  context: PanelContext,
  trigger: Trigger
): Promise<Suggestion[]> {
  const { workspace } = context.panel;
  const files = await workspace.listFiles(trigger.query.replace(/^file:/, ''));
  return [...cellSuggestions(workspace.cells()), ...fileSuggestions(files)];
}

/** Attach the chosen file or cell, or run the chosen command. */
async function applyChoice(
  context: PanelContext,
  suggestion: Suggestion
): Promise<void> {
  const { panel } = context;
  if (suggestion.kind === 'file' && !suggestion.value.endsWith('/')) {
    await panel.attempt(async () =>
      panel.composer.attach(
        await panel.workspace.readFile(suggestion.value),
        suggestion.label
      )
    );
  } else if (suggestion.kind === 'cell') {
    const cell = panel.workspace.cells()[Number(suggestion.value)];
    panel.composer.attachCell(cell, panel.notebooks.current?.name ?? '');
  } else if (suggestion.kind === 'command') {
    await runCommand(context, suggestion.value);
  }
}
