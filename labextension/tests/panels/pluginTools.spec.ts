import { bodyOf, formOf, newForm, problemsOf } from '../../src/panels/assistants/form';
import { pluginOptions } from '../../src/panels/assistants/pluginTools';

const STORED = {
  name: 'x',
  model: 'demo',
  tools: [
    { type: 'clock', zone: 'CET' },
    { type: 'code_interpreter' },
    { type: 'mcp', url: 'a' }
  ],
  tool_resources: {},
  metadata: {}
};

const toolsOf = (
  plugins: Record<string, string | null>,
  stored: object = STORED
): unknown => bodyOf({ ...formOf(stored as never), plugins }).tools;

test('a tool of a plug-in is added with its options', () => {
  const form = { ...newForm('x'), codeInterpreter: false };
  expect(bodyOf({ ...form, plugins: { clock: '{"zone": "CET"}' } }).tools).toEqual([
    { type: 'clock', zone: 'CET' }
  ]);
});

test('changed options stand where the tool stood, and other tools stay as they are', () => {
  expect(toolsOf({ clock: '{"zone": "UTC"}' })).toEqual([
    { type: 'clock', zone: 'UTC' },
    { type: 'code_interpreter' },
    { type: 'mcp', url: 'a' }
  ]);
});

test('a tool of a plug-in that is switched off goes, and no other', () => {
  expect(toolsOf({ mcp: null })).toEqual([
    { type: 'clock', zone: 'CET' },
    { type: 'code_interpreter' }
  ]);
});

test('several tools of one type are edited as a list', () => {
  const tools = [
    { type: 'mcp', url: 'a' },
    { type: 'mcp', url: 'b' }
  ];
  const text = pluginOptions('mcp', {}, tools as never)!;
  expect(JSON.parse(text)).toEqual([{ url: 'a' }, { url: 'b' }]);
  const body = toolsOf({ mcp: text }, { ...STORED, tools });
  expect(body).toEqual(tools);
});

test('options cannot change the type of a tool', () => {
  expect(toolsOf({ mcp: null, clock: '{"type": "mcp"}' })).toContainEqual({
    type: 'clock'
  });
});

test.each([
  ['{', 'json'],
  ['3', 'options'],
  ['[]', 'options'],
  ['[3]', 'options'],
  ['null', 'options']
])('the options %s are refused: %s', (text, kind) => {
  const problems = problemsOf({ ...newForm('x'), plugins: { clock: text } });
  expect(problems.map(each => `${each.field} ${each.kind}`)).toEqual([
    `plugin:clock ${kind}`
  ]);
});

test('a form that nobody touched has no unknown tools to change', () => {
  expect(toolsOf({})).toEqual(STORED.tools);
  expect(pluginOptions('cuckoo', {}, STORED.tools as never)).toBeNull();
});
