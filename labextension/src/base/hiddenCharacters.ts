/**
 * Invisible characters that mislead: they reverse the order of text, or carry words that only
 * a model reads.
 */
const BIDI = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const TAGS = '\\u{e0000}-\\u{e007f}';
// Flags of England, Scotland and Wales are written with tags.
const FLAG = '\\u{1f3f4}[\\u{e0061}-\\u{e007a}]{1,8}\\u{e007f}';
const HIDDEN = new RegExp(`(${FLAG})|[${TAGS}]+|[${BIDI}]`, 'gu');

// Pictures, whose selectors and joiners are part of them.
const EMOJI =
  '\\u00a9\\u00ae\\u2190-\\u27ff\\u2900-\\u2bff\\u3030\\u{1f000}-\\u{1faff}';
/**
 * In code, everything that has no look of its own: controls, formats, separators, blanks other than
 * the space, fillers and selectors. The same rule as `kernels/languages/appearance.py`.
 */
const UNSEEN = new RegExp(
  '(?!\\t|\\n|\\r| |\\u200d|\\ufe0f)[\\p{Cc}\\p{Cf}\\p{Z}\\p{Default_Ignorable_Code_Point}\\u2800]' +
    `|\\r(?!\\n)|(?<![${EMOJI}])\\ufe0f|(?<![${EMOJI}])(?<!\\ufe0f)\\u200d`,
  'gu'
);

/** Return text in which hidden characters are shown as their code points. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (found, flag) => flag ?? name(found));
}

/** Return code in which every character that cannot be seen is shown as its code point. */
export function visibleCode(code: string): string {
  return code.replace(UNSEEN, name);
}

/** A hidden character and the line of its first occurrence. */
export interface HiddenCharacter {
  name: string;
  line: number;
}

/** Return the hidden characters of a text, each once, with the line of its first occurrence. */
export function hiddenIn(text: string): HiddenCharacter[] {
  return firstMatches(text, HIDDEN, match => match[1] === undefined);
}

/** Return the characters of code that cannot be seen, each once, as {@link hiddenIn} does. */
export function unseenIn(code: string): HiddenCharacter[] {
  return firstMatches(code, UNSEEN, () => true);
}

function firstMatches(
  text: string,
  pattern: RegExp,
  counts: (match: RegExpMatchArray) => boolean
): HiddenCharacter[] {
  const lines = new Map<string, number>();
  let line = 1;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    // Lines are counted on from the last match: a hostile text may consist of matches.
    for (; from < match.index; from++) {
      line += text[from] === '\n' ? 1 : 0;
    }
    if (counts(match) && !lines.has(match[0])) {
      lines.set(match[0], line);
    }
  }
  return [...lines].map(([each, first]) => ({ name: name(each), line: first }));
}

function name(characters: string): string {
  const points = [...characters];
  const first = `U+${points[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  return points.length > 1 ? `⟨${first} ×${points.length}⟩` : `⟨${first}⟩`;
}
