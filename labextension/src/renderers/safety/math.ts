import type { IRenderMime } from '@jupyterlab/rendermime';
import { inertTex } from './untrusted';
import { hardenLinks } from './links';

/** Typesets math in which no command links, styles, names or loads anything. */
export class CarefulTypesetter implements IRenderMime.ILatexTypesetter {
  constructor(private _typesetter: IRenderMime.ILatexTypesetter) {}

  /** Gives nothing to wait for: who waits would loosen the links that are made safe at the end. */
  typeset(element: HTMLElement): void {
    // Commands could be cut in two by an end of text.
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
