import type { Assistant, CreateAssistant } from '../../wire/types';

type StoredTool = Assistant['tools'][number];
type GivenTool = NonNullable<CreateAssistant['tools']>[number];

/**
 * Tools that the form has no fields for, by type, as far as a person touched them: the JSON of their
 * options as it was typed, or null for a tool that is switched off.
 */
export type PluginTools = Record<string, string | null>;

/** Types that the form has fields for. */
const OWN = ['code_interpreter', 'file_search', 'function'];

export function isPluginTool(type: string): boolean {
  return !OWN.includes(type);
}

/**
 * Return the options of one type as JSON: an object, or an array of them where an assistant has
 * several tools of the type. Null if it has none.
 */
export function pluginOptions(
  type: string,
  changed: PluginTools,
  stored: readonly StoredTool[]
): string | null {
  if (type in changed) {
    return changed[type];
  }
  const options = stored
    .filter(tool => tool.type === type)
    .map(({ type: _type, ...rest }) => rest);
  if (options.length === 0) {
    return null;
  }
  return JSON.stringify(options.length === 1 ? options[0] : options, null, 2);
}

/** Return the tools of an assistant with those that were changed in place of the stored ones. */
export function withPluginTools(
  stored: readonly StoredTool[],
  changed: PluginTools
): GivenTool[] {
  const left = new Map(
    Object.entries(changed).map(([type, text]) => [type, toolsOf(type, text)])
  );
  const tools = stored.flatMap(tool => {
    if (!(tool.type in changed)) {
      return [tool as GivenTool];
    }
    const given = left.get(tool.type) ?? [];
    left.delete(tool.type);
    return given;
  });
  return [...tools, ...[...left.values()].flat()];
}

/** Return whether a text is the options of one tool, or of several. */
export function areOptions(value: unknown): boolean {
  const each = Array.isArray(value) ? value : [value];
  return (
    each.length > 0 &&
    each.every(
      options =>
        typeof options === 'object' && options !== null && !Array.isArray(options)
    )
  );
}

function toolsOf(type: string, text: string | null): GivenTool[] {
  if (text === null) {
    return [];
  }
  const value: unknown = JSON.parse(text);
  const each = (Array.isArray(value) ? value : [value]) as object[];
  return each.map(options => ({ ...options, type }) as GivenTool);
}
