import { PanelContext } from '../../base/context';
import { cellSuggestions, fileSuggestions, Suggestion, Trigger } from './completion';
import { runCommand } from './slashCommands';

/** Return the kernel's variables; null while it is busy or does not answer. */
export async function variableSuggestions(
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

/** Return the cells and files that fit. */
export async function otherSuggestions(
  context: PanelContext,
  trigger: Trigger
): Promise<Suggestion[]> {
  const { workspace } = context.panel;
  const files = await workspace.listFiles(trigger.query.replace(/^file:/, ''));
  return [...cellSuggestions(workspace.cells()), ...fileSuggestions(files)];
}

/** Attach the chosen file or cell, or run the chosen command. */
export async function applyChoice(
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
