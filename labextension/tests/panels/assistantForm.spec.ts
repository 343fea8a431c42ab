import {
  bodyOf,
  copyName,
  formOf,
  FUNCTION_TEMPLATE,
  newForm,
  problemsOf
} from '../../src/panels/assistants/form';
import type { Assistant } from '../../src/wire/types';

const ASSISTANT: Assistant = {
  id: 'asst_1',
  created_at: 1,
  object: 'assistant',
  name: 'Analyst',
  description: null,
  model: 'demo',
  instructions: 'Be brief.',
  tools: [
    { type: 'code_interpreter' },
    { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
  ],
  tool_resources: { code_interpreter: { file_ids: ['file-1'] } },
  metadata: { team: 'a' },
  temperature: 0.5,
  top_p: 1,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'x', schema: { type: 'object' } }
  }
};

const kinds = (fields: object): string[] =>
  problemsOf({ ...newForm(), ...fields }).map(each => `${each.field} ${each.kind}`);

test('an assistant that is only looked at is written back as it was', () => {
  expect(bodyOf(formOf(ASSISTANT))).toEqual({
    name: 'Analyst',
    description: null,
    model: 'demo',
    instructions: 'Be brief.',
    tools: ASSISTANT.tools,
    tool_resources: { code_interpreter: { file_ids: ['file-1'] } },
    temperature: 0.5,
    top_p: 1,
    response_format: ASSISTANT.response_format,
    metadata: { team: 'a' }
  });
});

test('a new form can be saved at once', () => {
  expect(problemsOf(newForm())).toEqual([]);
  expect(kinds({ functions: [FUNCTION_TEMPLATE], format: 'json_schema' })).toEqual([]);
});

test('numbers out of their range, and what is no number, are told', () => {
  expect(kinds({ temperature: '2.1', topP: 'x' })).toEqual([
    'temperature range',
    'topP range'
  ]);
  expect(kinds({ temperature: '0', topP: '1' })).toEqual([]);
});

test.each([
  ['{', 'json'],
  ['[]', 'object'],
  ['{"name": "a b"}', 'function-name'],
  ['{}', 'function-name'],
  ['{"name": "a", "parameters": []}', 'parameters'],
  ['{"name": "a", "parameters": {"type": "array"}}', 'parameters']
])('the function %s is refused: %s', (text, kind) => {
  expect(kinds({ functions: [text] })).toEqual([`function:0 ${kind}`]);
});

test('two functions of one name are refused', () => {
  const functions = ['{"name": "a"}', '{"name": "a"}'];
  expect(kinds({ functions })).toEqual(['function:1 twice']);
});

test('the schema of the answer counts only where it is used', () => {
  expect(kinds({ schema: '{' })).toEqual([]);
  expect(kinds({ schema: '{', format: 'json_schema' })).toEqual(['schema json']);
  const wrong = '{"name": "a", "schema": 3}';
  expect(kinds({ schema: wrong, format: 'json_schema' })).toEqual(['schema schema']);
});

test('a tool that is off takes its files along', () => {
  const body = bodyOf({ ...formOf(ASSISTANT), codeInterpreter: false });
  expect(body.tool_resources).toEqual({});
});

test('a copy has a name that no other has', () => {
  expect(copyName('A', ['A'])).toBe('A (copy)');
  expect(copyName('A', ['A', 'A (copy)'])).toBe('A (copy 2)');
  expect(copyName('A (copy)', ['A', 'A (copy)'])).toBe('A (copy 2)');
});

test('tools and fields that the form does not know survive a change of the name', () => {
  const stored = {
    id: 'asst_1',
    object: 'assistant',
    created_at: 1,
    name: 'Clockmaker',
    description: null,
    model: 'demo',
    instructions: null,
    tools: [
      { type: 'code_interpreter' },
      { type: 'file_search', file_search: { max_num_results: 7 } },
      { type: 'clock', clock: { zone: 'UTC' } }
    ],
    tool_resources: {
      code_interpreter: { file_ids: ['file-1'], kernel_id: 'k' },
      file_search: { vector_store_ids: ['vs_1'] },
      clock: { tower: 'Big Ben' }
    },
    metadata: { team: 'a' },
    temperature: 1,
    top_p: 1,
    response_format: { type: 'text', flavour: 'plain' },
    jupyter: { colour: 'green' }
  };
  const { id, object, created_at, ...fields } = stored;
  const form = { ...formOf(stored as never), name: 'Watchmaker' };
  expect(bodyOf(form)).toEqual({ ...fields, name: 'Watchmaker' });
  expect([id, object, created_at]).toEqual(['asst_1', 'assistant', 1]);
});

test('a tool that is switched off goes, and those that are not known stay', () => {
  const stored = { tools: [{ type: 'file_search' }, { type: 'clock' }] };
  const form = { ...newForm('x'), fileSearch: false, stored: stored as never };
  expect(bodyOf(form).tools).toEqual([{ type: 'clock' }, { type: 'code_interpreter' }]);
});
