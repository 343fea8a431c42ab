import type { IRenderMime } from '@jupyterlab/rendermime';
import { hardenLinks } from './links';

const TEX =
  'href|url|style|cssId|require|unicode|includegraphics|csname|mmlToken|bbox|html';
const WHOLE_NAMES = 'class|data|tooltip|texttip';
const COMMANDS = new RegExp(`\\\\(?=${TEX}|(?:${WHOLE_NAMES})(?![A-Za-z]))`, 'g');

/** Typesets math in which no command links, styles, names or loads anything. */
export class CarefulTypesetter implements IRenderMime.ILatexTypesetter {
  constructor(private _typesetter: IRenderMime.ILatexTypesetter) {}

  /** Returns no promise: a caller that waits would change links after they were hardened. */
  typeset(element: HTMLElement): void {
    // A command could be split across two text nodes.
    element.normalize();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.nodeValue ?? '';
      const inert = inertTex(text);
      if (inert !== text) {
        node.nodeValue = inert;
      }
    }
    if (/[$\\]/.test(element.textContent ?? '')) {
      void Promise.resolve(this._typesetter.typeset(element)).then(() =>
        hardenLinks(element)
      );
    }
  }
}

/** Return text in which no TeX command links, styles, names or loads anything. */
export function inertTex(text: string): string {
  return text.replace(COMMANDS, '\\\u2060');
}
