import { fenced } from '../../src/renderers/fenced';
import { UntrustedMarkdownParser } from '../../src/renderers/safety/markdownParser';

const parser = new UntrustedMarkdownParser();

/** Return the HTML of one paragraph without its tags. */
async function rendered(text: string): Promise<string> {
  return (await parser.render(text)).trim().replace(/^<p>|<\/p>$/g, '');
}

test.each([
  ['raw HTML', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  ['a tag in words', 'a <b onclick=x>b</b>', 'a &lt;b onclick=x&gt;b&lt;/b&gt;'],
  ['a comment', 'a <!-- b -->', 'a &lt;!-- b --&gt;'],
  ['a line break', 'a<br>b', 'a<br>b'],
  [
    'a remote image',
    '![a](https://evil.org/x.png)',
    '<img src="https://evil.org/x.png" alt="a">'
  ],
  [
    'an image by a label',
    '![a][1]\n\n[1]: https://evil.org/x.png',
    '<img src="https://evil.org/x.png" alt="a">'
  ],
  ['a quote in a target', '[a](<x"y>)', '<a href="#assistants-name=x%22y">a</a>'],
  [
    'a produced file',
    '[a](sandbox:/mnt/data/a%20b.csv)',
    '<a href="#assistants-name=a%20b.csv">a</a>'
  ],
  [
    'a part of the page',
    '[a](#assistants-file=file-1)',
    '<a href="#assistants-name=%23assistants-file%3Dfile-1">a</a>'
  ],
  ['an autolink', '<https://x.org/>', '<a href="https://x.org/">https://x.org/</a>']
])('%s', async (_, text, expected) => {
  expect(await rendered(text)).toBe(expected);
});

test('a block of HTML is text, and so is what is in it', async () => {
  const html = await parser.render(
    '<div>\n<script>alert(1)</script>\n**bold**\n</div>'
  );
  expect(html).not.toMatch(/<(div|script)/);
  expect(html).toContain('<strong>bold</strong>');
});

test('nothing inside of code can end it', () => {
  expect(fenced('a\n```\nb')).toBe('````\na\n```\nb\n````');
});

test.each([
  ['brackets', '['.repeat(1_000_000)],
  ['tags', '<a'.repeat(500_000)],
  ['images', '![a]('.repeat(200_000)],
  ['backticks', '`a``b'.repeat(200_000)],
  ['emphasis', '*a_b'.repeat(250_000)]
])('a megabyte of %s is shown as plain text', async (_, text) => {
  expect(await parser.render(text)).toMatch(/^<pre>/);
});

test('quotations that are nested too deeply are shown as plain text', async () => {
  expect(await parser.render('> '.repeat(7_900))).toMatch(/^<pre>/);
});
