import {
  hiddenIn,
  unseenIn,
  visible,
  visibleCode
} from '../../src/base/hiddenCharacters';

test.each([
  ['a\u202eb', 'a⟨U+202E⟩b'],
  ['\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
  ['\u061c\u200e\u200f', '⟨U+061C⟩⟨U+200E⟩⟨U+200F⟩'],
  // Words that only a model reads: "hi" in tag characters.
  ['x\u{e0068}\u{e0069}y', 'x⟨U+E0068 ×2⟩y']
])('%j is shown as %s', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each(['plain', 'שלום', 'مرحبا', '日本語', 'é\n\t', '👩‍👩‍👧', ''])(
  'the text %j stays as it is',
  text => {
    expect(visible(text)).toBe(text);
    expect(hiddenIn(text)).toEqual([]);
  }
);

test('the flag of Scotland stays a flag, and what hides behind it does not', () => {
  const flag = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}';
  expect(visible(flag)).toBe(flag);
  expect(visible(`${flag}\u{e0041}`)).toBe(`${flag}⟨U+E0041⟩`);
  expect(hiddenIn(`${flag}\u{e0041}`)).toEqual([{ name: '⟨U+E0041⟩', line: 1 }]);
});

test('hidden characters are named once, with the line where they are first', () => {
  expect(hiddenIn('a\nb\u202e\nc\u202e\u2069')).toEqual([
    { name: '⟨U+202E⟩', line: 2 },
    { name: '⟨U+2069⟩', line: 3 }
  ]);
});

test('code shows every character that has no look of its own', () => {
  const rule = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/u;
  for (let number = 0; number < 0x110000; number++) {
    const character = String.fromCodePoint(number);
    if (rule.test(character) && !' \t\n'.includes(character)) {
      const shown = `⟨U+${number.toString(16).toUpperCase().padStart(4, '0')}⟩`;
      expect(visibleCode(`a${character}b`)).toBe(`a${shown}b`);
    }
  }
});

test.each([
  'def f(x):\n\treturn x\n',
  'x = 1\r\ny = 2\r\n',
  "name = 'naïve Größe 東京 Привет'",
  "flag = '👩\u200d🚀 ❤\ufe0f'"
])('the code %j stays as it is', code => {
  expect(visibleCode(code)).toBe(code);
  expect(unseenIn(code)).toEqual([]);
});

test('a megabyte of hidden characters is read once', () => {
  const code = Array.from({ length: 500 }, (_, at) =>
    `\n${String.fromCodePoint(0xe0000 + (at % 4000))}`.repeat(1000)
  ).join('');
  const hidden = unseenIn(code);
  expect(hidden).toHaveLength(500);
  expect(hidden.at(-1)!.line).toBe(499_002);
});
