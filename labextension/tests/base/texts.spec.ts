import { citationsOf, withLinks } from '../../src/renderers/citations';
import { diffLines } from '../../src/panels/diff/model';

test('a difference names lines that are gone and new, in their place', () => {
  const lines = diffLines('a\nb\nc\nd', 'a\nx\nc\nd\ne');
  expect(lines.map(({ kind, text }) => `${kind[0]}${text}`)).toEqual([
    'sa',
    'rb',
    'ax',
    'sc',
    'sd',
    'ae'
  ]);
});

test.each([
  ['', 'a'],
  ['a', ''],
  ['a\nb', 'a\nb'],
  ['a\na\na', 'a\na'],
  ['x\ny\nz', 'z\ny\nx']
])('from the difference of %j and %j both come back', (before, after) => {
  const lines = diffLines(before, after);
  const side = (gone: string): string =>
    lines
      .filter(line => line.kind !== gone)
      .map(line => line.text)
      .join('\n');
  expect(side('added')).toBe(before);
  expect(side('removed')).toBe(after);
});

test('the same place is cited by the same number', () => {
  const cite = (text: string, start: number): object => ({
    type: 'file_citation',
    text,
    file_citation: { file_id: 'f1' },
    jupyter: { start, end: start + 5, label: 'page 1', quote: 'Otto' }
  });
  const { citations, marks } = citationsOf([
    cite('【1:0†source】', 0),
    cite('【1:1†source】', 9),
    cite('【2:0†source】', 0)
  ]);
  expect(citations.map(each => [each.number, each.start])).toEqual([
    [1, 0],
    [2, 9]
  ]);
  expect(withLinks('A【1:0†source】 B【1:1†source】 C【2:0†source】', marks)).toBe(
    'A [1](assistants-citation-1) B [2](assistants-citation-2) C [1](assistants-citation-1)'
  );
});
