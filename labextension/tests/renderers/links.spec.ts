import { addressOf, saysHost } from '../../src/renderers/safety/links';

test.each(['https://a.example/x?y#z', 'http://a.example', 'mailto:a@b.example'])(
  'a link may lead to %s',
  href => {
    expect(addressOf(href)?.href).toBe(new URL(href).href);
  }
);

test.each([
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>x</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://a.example/1',
  'ftp://a.example',
  '/lab/api/contents',
  'relative',
  '//a.example/x',
  '#part',
  ''
])('a link may not lead to %j', href => {
  expect(addressOf(href)).toBeNull();
});

const says = (text: string, href: string): boolean => saysHost(text, new URL(href));

test.each([
  ['https://a.example/x', 'https://a.example/x'],
  ['a.example/x', 'https://a.example/x'],
  ['A.EXAMPLE', 'https://a.example/x'],
  ['a.example:8080', 'http://a.example:8080/'],
  ['the report (a.example)', 'https://a.example/x']
])('the text %j says where %s leads', (text, href) => {
  expect(says(text, href)).toBe(true);
});

test.each([
  ['the report', 'https://evil.example/'],
  ['https://bank.example/', 'https://evil.example/'],
  ['a.example.evil.test', 'https://a.example/'],
  ['bank.example (a.example) and more', 'https://a.example/'],
  ['http://a.example', 'https://a.example/'],
  ['', 'https://evil.example/']
])('the text %j does not say where %s leads', (text, href) => {
  expect(says(text, href)).toBe(false);
});
