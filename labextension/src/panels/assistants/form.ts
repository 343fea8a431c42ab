import type { Assistant, CreateAssistant, File as StoredFile } from '../../wire/types';
import { areOptions, PluginTools, withPluginTools } from './pluginTools';

/** The kinds of response format. */
export type FormatKind = 'auto' | 'text' | 'json_object' | 'json_schema';

/** The fields of an assistant's form, as text. */
export interface AssistantForm {
  name: string;
  description: string;
  model: string;
  instructions: string;
  codeInterpreter: boolean;
  fileSearch: boolean;
  /** The JSON of each function, as it was typed. */
  functions: string[];
  plugins: PluginTools;
  fileIds: string[];
  vectorStoreIds: string[];
  temperature: string;
  topP: string;
  format: FormatKind;
  /** The JSON of the schema of the answer, as it was typed. */
  schema: string;
  metadata: Record<string, string>;
  /** The stored assistant; what the form has no field for is saved as it stands there. */
  stored: Partial<Assistant>;
}

/** A reason why a form cannot be saved; the view words it. */
export interface Problem {
  /** Name of the field; functions are `function:<index>`, other tools `plugin:<type>`. */
  field: string;
  kind:
    | 'missing'
    | 'json'
    | 'object'
    | 'options'
    | 'function-name'
    | 'parameters'
    | 'twice'
    | 'range'
    | 'schema-name'
    | 'schema'
    | 'long';
  /** The parser's message, a name, or a range. */
  detail: string;
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const MAX_NAME = 256;
const MAX_DESCRIPTION = 512;
const MAX_INSTRUCTIONS = 256_000;

/** Initial text of a new function. */
export const FUNCTION_TEMPLATE = JSON.stringify(
  {
    name: 'get_weather',
    description: 'Get the weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city']
    }
  },
  null,
  2
);

/** Initial text of a new schema. */
export const SCHEMA_TEMPLATE = JSON.stringify(
  {
    name: 'answer',
    schema: {
      type: 'object',
      properties: { summary: { type: 'string' } },
      required: ['summary'],
      additionalProperties: false
    },
    strict: true
  },
  null,
  2
);

/** Return the form of a new assistant. */
export function newForm(name = ''): AssistantForm {
  return {
    name,
    description: '',
    model: 'default',
    instructions: '',
    codeInterpreter: true,
    fileSearch: false,
    functions: [],
    plugins: {},
    fileIds: [],
    vectorStoreIds: [],
    temperature: '',
    topP: '',
    format: 'auto',
    schema: SCHEMA_TEMPLATE,
    metadata: {},
    stored: {}
  };
}

/** Return the form of an existing assistant. */
export function formOf(assistant: Assistant): AssistantForm {
  const { tools, tool_resources: resources, response_format: format } = assistant;
  const functions = tools.flatMap(each =>
    each.type === 'function' ? [JSON.stringify(each.function, null, 2)] : []
  );
  const isSchema = typeof format === 'object' && format?.type === 'json_schema';
  return {
    name: assistant.name ?? '',
    description: assistant.description ?? '',
    model: assistant.model,
    instructions: assistant.instructions ?? '',
    codeInterpreter: tools.some(each => each.type === 'code_interpreter'),
    fileSearch: tools.some(each => each.type === 'file_search'),
    functions,
    plugins: {},
    fileIds: resources.code_interpreter?.file_ids ?? [],
    vectorStoreIds: resources.file_search?.vector_store_ids ?? [],
    temperature: assistant.temperature?.toString() ?? '',
    topP: assistant.top_p?.toString() ?? '',
    format: formatKind(format),
    schema: isSchema ? JSON.stringify(format.json_schema, null, 2) : SCHEMA_TEMPLATE,
    metadata: assistant.metadata,
    stored: assistant
  };
}

/** Return the problems of a form; empty if it can be saved. */
export function problemsOf(form: AssistantForm): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, kind: Problem['kind'], detail = ''): void => {
    problems.push({ field, kind, detail });
  };
  if (!form.model.trim()) {
    add('model', 'missing');
  }
  if (form.name.length > MAX_NAME) {
    add('name', 'long', String(MAX_NAME));
  }
  if (form.description.length > MAX_DESCRIPTION) {
    add('description', 'long', String(MAX_DESCRIPTION));
  }
  if (form.instructions.length > MAX_INSTRUCTIONS) {
    add('instructions', 'long', String(MAX_INSTRUCTIONS));
  }
  if (!inRange(form.temperature, 0, 2)) {
    add('temperature', 'range', '0 – 2');
  }
  if (!inRange(form.topP, 0, 1)) {
    add('topP', 'range', '0 – 1');
  }
  problems.push(...functionProblems(form.functions));
  problems.push(...pluginProblems(form.plugins));
  if (form.format === 'json_schema') {
    problems.push(...schemaProblems(form.schema));
  }
  return problems;
}

/** Return the body that creates an assistant from a form, or changes one to what the form says. */
export function bodyOf(form: AssistantForm): CreateAssistant {
  const { id: _id, object: _object, created_at: _at, ...stored } = form.stored;
  return {
    ...stored,
    name: form.name.trim() || null,
    description: form.description.trim() || null,
    model: form.model.trim(),
    instructions: form.instructions || null,
    tools: toolsOf(form),
    tool_resources: resourcesOf(form),
    temperature: numberOf(form.temperature),
    top_p: numberOf(form.topP),
    response_format: formatOf(form),
    metadata: form.metadata
  };
}

/** Return a name for a copy that is not taken. */
export function copyName(name: string, taken: readonly string[]): string {
  const base = name.replace(/ \(copy(?: \d+)?\)$/, '');
  for (let count = 1; ; count++) {
    const proposed = `${base} (copy${count > 1 ? ` ${count}` : ''})`;
    if (!taken.includes(proposed)) {
      return proposed;
    }
  }
}

/** Return names of files by id; the id where the file is gone. */
export function fileNames(ids: string[], files: StoredFile[]): Map<string, string> {
  const known = new Map(files.map(each => [each.id, each.filename]));
  return new Map(ids.map(id => [id, known.get(id) ?? id]));
}

/** Return the tools of a form: stored ones as they are, with their own options, then new ones. */
function toolsOf(form: AssistantForm): CreateAssistant['tools'] {
  const wanted: Record<string, boolean> = {
    code_interpreter: form.codeInterpreter,
    file_search: form.fileSearch,
    function: false
  };
  const kept = (form.stored.tools ?? []).filter(tool => wanted[tool.type] ?? true);
  const missing = (['code_interpreter', 'file_search'] as const).filter(
    type => wanted[type] && !kept.some(tool => tool.type === type)
  );
  return [
    ...withPluginTools(kept, form.plugins),
    ...missing.map(type => ({ type })),
    ...form.functions.map(text => ({
      type: 'function' as const,
      function: JSON.parse(text)
    }))
  ];
}

function resourcesOf(form: AssistantForm): CreateAssistant['tool_resources'] {
  const {
    code_interpreter: code,
    file_search: search,
    ...others
  } = form.stored.tool_resources ?? {};
  return {
    ...others,
    ...(form.codeInterpreter
      ? { code_interpreter: { ...code, file_ids: form.fileIds } }
      : {}),
    ...(form.fileSearch
      ? { file_search: { ...search, vector_store_ids: form.vectorStoreIds } }
      : {})
  };
}

function formatKind(format: Assistant['response_format'] | undefined): FormatKind {
  return typeof format === 'object' && format ? format.type : 'auto';
}

function formatOf(form: AssistantForm): CreateAssistant['response_format'] {
  const { response_format: stored } = form.stored;
  if (stored && form.format !== 'json_schema' && formatKind(stored) === form.format) {
    return stored;
  }
  switch (form.format) {
    case 'auto':
      return 'auto';
    case 'json_schema':
      return { type: 'json_schema', json_schema: JSON.parse(form.schema) };
    default:
      return { type: form.format };
  }
}

function functionProblems(functions: string[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  functions.forEach((text, index) => {
    const field = `function:${index}`;
    const { value, error } = parsed(text);
    if (error !== null) {
      problems.push({ field, kind: 'json', detail: error });
    } else if (!isObject(value)) {
      problems.push({ field, kind: 'object', detail: '' });
    } else if (typeof value.name !== 'string' || !NAME.test(value.name)) {
      problems.push({ field, kind: 'function-name', detail: String(value.name ?? '') });
    } else if (seen.has(value.name)) {
      problems.push({ field, kind: 'twice', detail: value.name });
    } else if (value.parameters !== undefined && !isSchemaOfObject(value.parameters)) {
      problems.push({ field, kind: 'parameters', detail: value.name });
    } else {
      seen.add(value.name);
    }
  });
  return problems;
}

function pluginProblems(plugins: PluginTools): Problem[] {
  return Object.entries(plugins).flatMap(([type, text]): Problem[] => {
    const { value, error } = parsed(text ?? '{}');
    if (error !== null) {
      return [{ field: `plugin:${type}`, kind: 'json', detail: error }];
    }
    return areOptions(value)
      ? []
      : [{ field: `plugin:${type}`, kind: 'options', detail: '' }];
  });
}

function schemaProblems(text: string): Problem[] {
  const { value, error } = parsed(text);
  if (error !== null) {
    return [{ field: 'schema', kind: 'json', detail: error }];
  }
  if (!isObject(value)) {
    return [{ field: 'schema', kind: 'object', detail: '' }];
  }
  if (typeof value.name !== 'string' || !NAME.test(value.name)) {
    const detail = String(value.name ?? '');
    return [{ field: 'schema', kind: 'schema-name', detail }];
  }
  const isFine = value.schema === undefined || isObject(value.schema);
  return isFine ? [] : [{ field: 'schema', kind: 'schema', detail: '' }];
}

function parsed(text: string): { value: unknown; error: string | null } {
  try {
    return { value: JSON.parse(text), error: null };
  } catch (error) {
    return { value: null, error: (error as Error).message };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSchemaOfObject(value: unknown): boolean {
  return isObject(value) && (value.type === undefined || value.type === 'object');
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

function inRange(text: string, least: number, most: number): boolean {
  const value = numberOf(text);
  return value === null || (value >= least && value <= most);
}
