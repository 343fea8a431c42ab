/**
 * Makes a model's Markdown safe to show; the twin of `jupyter_assistants/notebook/untrusted.py`.
 *
 * The text may be written by an attacker. What could become raw HTML, an image, a link definition
 * or a dangerous TeX command is taken apart everywhere, and code is written anew in a form that
 * every renderer reads alike. Links keep harmless schemes only, and remote images become links.
 */

/** Gives the address of a produced file by its name, or null if there is none. */
export type FileLink = (name: string) => string | null;

/** Title of a link that stands for a remote image. */
export const IMAGE_TITLE = 'remote image';

const SANDBOX = 'sandbox:/mnt/data/';
const INVISIBLE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff]/g;
const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^`\n]*)$/;
const SPAN = /(?<!`)(`+)(?!`)((?:(?!\n[ \t]*\n)[\s\S])+?)(?<!`)\1(?!`)/g;
const TEX =
  '\\\\(?=(?:href|url|style|cssId|require|unicode|includegraphics|csname|mmlToken|bbox|html))';
const COMMANDS = new RegExp(
  `${TEX}|\\\\(?=(?:class|data|tooltip|texttip)(?![A-Za-z]))`,
  'g'
);
const DANGER = new RegExp(`<(?=[A-Za-z/!?])|<$|!\\[|\\]\\s*[(:]|${TEX}`, 'm');
const LABEL = '\\[((?:[^\\[\\]\\\\]|\\\\.|\\[[^\\[\\]]*\\])*)\\]';
const TITLE = '(?:\\s+(?:"[^"]*"|\'[^\']*\'))?';
const TARGET = `\\(\\s*(?:<([^<>\\n]*)>|([^\\s()]*(?:\\([^\\s()]*\\)[^\\s()]*)*))${TITLE}\\s*\\)`;
const LINK = `(!?)${LABEL}${TARGET}|<(https?://[^\\s<>]+)>|(<br ?/?>)`;
const LANGUAGE = /^[A-Za-z][A-Za-z0-9_+#-]*/;

/** Give Markdown that shows the text and nothing but the text. */
export function safeMarkdown(text: string, link: FileLink): string {
  const source = text.replace(/\r\n?/g, '\n').replace(INVISIBLE, '');
  const result: string[] = [];
  for (const { language, body } of parts(source)) {
    result.push(language === null ? prose(body, link) : fenced(body, language));
  }
  return result.filter(each => each.trim()).join('\n\n');
}

/** Give text in which no TeX command links, styles, names or loads anything. */
export function inertTex(text: string): string {
  return text.replace(COMMANDS, '\\\u2060');
}

/** Give a code block that nothing inside it can end. */
export function fenced(code: string, language = ''): string {
  const longest = Math.max(0, ...(code.match(/`+/g) ?? []).map(run => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${code}\n${fence}`;
}

function* parts(text: string): Generator<{ language: string | null; body: string }> {
  let lines: string[] = [];
  let code: { language: string; closing: RegExp; indent: number } | null = null;
  for (const line of text.split('\n')) {
    const opening: RegExpExecArray | null = code === null ? FENCE.exec(line) : null;
    if (code !== null && code.closing.test(line)) {
      yield { language: code.language, body: lines.join('\n') };
      lines = [];
      code = null;
    } else if (opening) {
      yield { language: null, body: lines.join('\n') };
      lines = [];
      const [, indent, mark, info]: string[] = opening;
      code = {
        language: languageOf(info),
        closing: closingOf(mark),
        indent: indent.length
      };
    } else {
      const lead = line.length - line.replace(/^ +/, '').length;
      lines.push(code === null ? line : line.slice(Math.min(lead, code.indent)));
    }
  }
  yield { language: code?.language ?? null, body: lines.join('\n') };
}

function languageOf(info: string): string {
  const found = LANGUAGE.exec(info.trim());
  // Mermaid sources are drawn, and drawings can load images.
  return !found || found[0].toLowerCase() === 'mermaid' ? '' : found[0];
}

function closingOf(mark: string): RegExp {
  return new RegExp(`^ *\\${mark[0]}{${mark.length},}[ \\t]*$`);
}

function prose(text: string, link: FileLink): string {
  let result = '';
  let at = 0;
  for (const span of text.matchAll(SPAN)) {
    result += links(text.slice(at, span.index), link) + code(span[0], span[2]);
    at = span.index! + span[0].length;
  }
  return result + links(text.slice(at), link);
}

function code(source: string, inner: string): string {
  if (!DANGER.test(source)) {
    return source;
  }
  // As HTML of ours, in which no character of the model's means anything.
  const words = inner.split('\n').join(' ').trim();
  return `<code>${words.replace(/[^A-Za-z0-9 ]/gu, entity)}</code>`;
}

function links(text: string, link: FileLink): string {
  const pieces: string[] = [];
  let at = 0;
  for (const found of text.matchAll(new RegExp(LINK, 'g'))) {
    pieces.push(inertText(text.slice(at, found.index)));
    const [whole, bang, name, bracketed, bare, autolink, newline] = found;
    if (newline) {
      pieces.push('<br>');
    } else if (autolink) {
      pieces.push(inertText(autolink));
    } else {
      const before = pieces[pieces.length - 1];
      if (before.endsWith('!')) {
        // It would make an image of the link behind it.
        pieces[pieces.length - 1] = before.slice(0, -1) + entity('!');
      }
      pieces.push(
        oneLink(label(name ?? ''), bracketed ?? bare ?? '', Boolean(bang), link)
      );
    }
    at = found.index! + whole.length;
  }
  pieces.push(inertText(text.slice(at)));
  return pieces.join('');
}

/** Take apart what could mean more than text. */
function inertText(text: string): string {
  return text
    .replace(/<(?=[A-Za-z/!?])|<$/g, '&lt;')
    .replace(/!(?=\[)/g, '&#33;')
    .replace(/\](\s*)([(:])/g, (_, space, mark) => `]${space}${entity(mark)}`)
    .replace(new RegExp(TEX, 'g'), '\\\u2060');
}

/** Give a link's text without links and images in it. */
function label(text: string): string {
  const inner = text.replace(new RegExp(`!?${LABEL}${TARGET}`, 'g'), '$1');
  return inertText(inner.split(/\s+/).join(' ').replace(/[[\]]/g, entity));
}

function oneLink(name: string, target: string, image: boolean, link: FileLink): string {
  const { address, host } = resolve(target, link);
  let shown = name || (image ? 'image' : inertText(host || 'link'));
  if (address === null) {
    return shown;
  }
  const claims = name.includes('://') && !name.includes(host);
  if (image || (host && claims)) {
    shown = `${image ? 'image: ' : ''}${shown}${host ? ` (${host})` : ''}`;
  }
  // The title says that it is an image; those of the model are not kept.
  const title = image && host ? ` "${IMAGE_TITLE}"` : '';
  return `[${shown}](${address}${title})`;
}

/** Give the address that a link may have, and the host that it leads to. */
function resolve(
  target: string,
  link: FileLink
): { address: string | null; host: string } {
  const url = unescapeHtml(target)
    .replace(/\\([^\w\s])/g, '$1')
    .replace(/[\x00-\x20\x7f-\x9f]/g, '');
  if (url.startsWith('sandbox:')) {
    return { address: link(decode(url.replace(SANDBOX, ''))), host: '' };
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url) && !url.startsWith('//')) {
    return { address: link(decode(url).replace(/^\/mnt\/data\//, '')), host: '' };
  }
  try {
    const parsed = new URL(url);
    if ((parsed.protocol === 'https:' || parsed.protocol === 'http:') && parsed.host) {
      return { address: quoted(parsed.href), host: inertText(parsed.host) };
    }
    return {
      address: parsed.protocol === 'mailto:' ? quoted(parsed.href) : null,
      host: ''
    };
  } catch {
    return { address: null, host: '' };
  }
}

function quoted(url: string): string {
  return url
    .replace(/[^A-Za-z0-9/:?#@!$&*+,;=%~._-]/gu, each => encodeURIComponent(each))
    .replace(/[()']/g, each => `%${each.charCodeAt(0).toString(16)}`)
    .replace(/&/g, '&amp;');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  colon: ':',
  Tab: '\t',
  NewLine: '\n'
};

function unescapeHtml(text: string): string {
  const once = (from: string): string =>
    from.replace(
      /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w+));/g,
      (all, decimal, hex, name) => {
        if (name) {
          return NAMED[name] ?? all;
        }
        const point = decimal ? Number(decimal) : parseInt(hex, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : '';
      }
    );
  return once(once(text));
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
