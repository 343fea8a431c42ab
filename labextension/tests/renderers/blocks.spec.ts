import { blocks, definitions } from '../../src/renderers/blocks';

test.each([
  ['paragraphs', 'a\nb\n\nc', ['a\nb', 'c']],
  ['several blank lines', 'a\n\n\n\nb\n', ['a', 'b']],
  [
    'a fence with blank lines',
    'a\n\n```python\nx = 1\n\ny = 2\n```\n\nb',
    ['a', '```python\nx = 1\n\ny = 2\n```', 'b']
  ],
  ['a fence that is still open', 'a\n\n```\nx\n\ny', ['a', '```\nx\n\ny']],
  [
    'a longer fence around a shorter one',
    '````\n```\n\n```\n````\n\nb',
    ['````\n```\n\n```\n````', 'b']
  ],
  ['tildes', '~~~\na\n\nb\n~~~\n\nc', ['~~~\na\n\nb\n~~~', 'c']],
  ['displayed math', '$$\na\n\nb\n$$\n\nc', ['$$\na\n\nb\n$$', 'c']],
  ['math on one line', '$$a$$\n\nb', ['$$a$$', 'b']],
  [
    'a loose list',
    '1. a\n\n2. b\n\n   more of b\n\nc',
    ['1. a\n\n2. b\n\n   more of b', 'c']
  ],
  [
    'a fence in a list',
    '- a\n\n  ```\n  x\n\n  y\n  ```\n\n- b\n\nc',
    ['- a\n\n  ```\n  x\n\n  y\n  ```\n\n- b', 'c']
  ],
  ['indented code', 'a\n\n    x\n\n    y\n\nb', ['a\n\n    x\n\n    y', 'b']],
  ['a table', '| a |\n|---|\n| 1 |\n\nb', ['| a |\n|---|\n| 1 |', 'b']],
  ['nothing', '\n \n', []]
])('%s', (_, text, expected) => {
  expect(blocks(text)).toEqual(expected);
});

test('text that grows keeps all its blocks but the last one', () => {
  const text =
    '# T\n\na b\n\n- x\n- y\n\n```py\n1\n\n2\n```\n\n| a |\n|---|\n| 1 |\n\nend';
  let before: string[] = [];
  for (let end = 1; end <= text.length; end++) {
    const now = blocks(text.slice(0, end));
    expect(now.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
    before = now;
  }
});

test('what defines links is found wherever it stands', () => {
  expect(definitions('see [a][1]\n\n[1]: https://x.org\nb')).toBe('[1]: https://x.org');
});
