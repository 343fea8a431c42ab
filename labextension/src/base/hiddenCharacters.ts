/**
 * Invisible characters that mislead: they reverse the order of text, or carry words that only
 * a model reads.
 */
const BIDI = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const TAGS = '\\u{e0000}-\\u{e007f}';
// Flags of England, Scotland and Wales are written with tags.
const FLAG = '\\u{1f3f4}[\\u{e0061}-\\u{e007a}]{1,8}\\u{e007f}';
const HIDDEN = new RegExp(`(${FLAG})|[${TAGS}]+|[${BIDI}]`, 'gu');

/** Return text in which hidden characters are shown as their code points. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (found, flag) => flag ?? name(found));
}

/** Return the hidden characters of a text, each once, with the line of its first occurrence. */
export function hiddenIn(text: string): { name: string; line: number }[] {
  const found = new Map<string, number>();
  for (const match of text.matchAll(HIDDEN)) {
    if (match[1] === undefined && !found.has(match[0])) {
      found.set(match[0], text.slice(0, match.index).split('\n').length);
    }
  }
  return [...found].map(([each, line]) => ({ name: name(each), line }));
}

function name(characters: string): string {
  const points = [...characters];
  const first = `U+${points[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  return points.length > 1 ? `⟨${first} ×${points.length}⟩` : `⟨${first}⟩`;
}
