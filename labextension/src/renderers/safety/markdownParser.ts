import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMime } from '@jupyterlab/rendermime';
import { Marked, Token, Tokens } from 'marked';
import { NAME_ADDRESS } from './names';

/**
 * Characters of a block from which on it is shown as plain text. Parsing takes time quadratic in
 * hostile text: a second for this many characters, an hour for a megabyte.
 */
const LONGEST = 16_000;
const WITH_SCHEME = /^([a-z][a-z0-9+.-]*:|\/\/)/i;
const PRODUCED_FILE = /^(sandbox:)?(\/mnt\/data\/)?/;
const LINE_BREAK = /^<br ?\/?>/;

/**
 * A Markdown parser for untrusted text.
 *
 * HTML is off: the tokenizer knows no tags, so that a `<` is text wherever it stands and no
 * disagreement about where code begins can let one through. What it writes goes through the
 * sanitizer like any other HTML. Links without a scheme become names, which the view resolves.
 */
export class UntrustedMarkdownParser implements IRenderMime.IMarkdownParser {
  constructor(private _languages: IEditorLanguageRegistry | null = null) {
    this._marked.use({
      async: true,
      gfm: true,
      tokenizer: { html: () => undefined, tag: lineBreak },
      renderer: { link, image },
      walkTokens: token => this._highlight(token)
    });
  }

  async render(source: string): Promise<string> {
    if (source.length > LONGEST) {
      return plain(source);
    }
    try {
      return await this._marked.parse(source, { async: true });
    } catch {
      // Thousands of nested quotations or lists end in a stack overflow.
      return plain(source);
    }
  }

  /** Replace the text of a code block by its highlighted HTML. */
  private async _highlight(token: Token): Promise<void> {
    const language =
      token.type === 'code' && token.lang
        ? this._languages?.findBest(token.lang)
        : null;
    if (!language) {
      return;
    }
    const host = document.createElement('div');
    await this._languages!.highlight((token as Tokens.Code).text, language, host);
    Object.assign(token, { text: host.innerHTML, escaped: true });
  }

  private _marked = new Marked();
}

/** Return the address of a link or image target; names of files lose the sandbox's folder. */
export function addressOfTarget(target: string): string {
  return WITH_SCHEME.test(target) && !target.startsWith('sandbox:')
    ? target
    : NAME_ADDRESS + encodeURIComponent(decode(target.replace(PRODUCED_FILE, '')));
}

// Models write line breaks into the cells of tables; Markdown has no other way to do it.
function lineBreak(source: string): Tokens.Tag | undefined {
  const match = LINE_BREAK.exec(source);
  return match ? ({ type: 'br', raw: match[0] } as unknown as Tokens.Tag) : undefined;
}

function link(
  this: { parser: { parseInline(tokens: Token[]): string } },
  { href, tokens }: Tokens.Link
): string {
  const text = this.parser.parseInline(tokens);
  return `<a href="${escapeHtml(addressOfTarget(href))}">${text}</a>`;
}

/** Write an image that has an address; a produced file is linked, for its step shows it already. */
function image({ href, text }: Tokens.Image): string {
  const address = escapeHtml(addressOfTarget(href));
  return address.startsWith(NAME_ADDRESS)
    ? `<a href="${address}">${escapeHtml(text)}</a>`
    : `<img src="${address}" alt="${escapeHtml(text)}">`;
}

function plain(text: string): string {
  return `<pre>${escapeHtml(text)}</pre>`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`);
}
