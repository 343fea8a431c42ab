import { codeInterpreter } from './codeInterpreter';
import { fileSearch } from './fileSearch';
import { functionCall, otherTool } from './functionCall';
import { StepRenderer } from './base';

/** The renderer of each type of tool. A new card is one file beside these and one line here. */
const RENDERERS = new Map<string, StepRenderer>([
  ['code_interpreter', codeInterpreter],
  ['file_search', fileSearch],
  ['function', functionCall]
]);

/** Return the renderer of a type of tool; tools that nobody knows here have a plain card. */
export function stepRenderer(kind: string): StepRenderer {
  return RENDERERS.get(kind) ?? otherTool;
}
