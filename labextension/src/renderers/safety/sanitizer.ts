import { Sanitizer } from '@jupyterlab/apputils';
import type { IRenderMime } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { visible } from '../../base/hiddenCharacters';
import { ATTRIBUTES, CLASSES, ELEMENTS, EMPTIED, keepHarmlessStyle } from './allowed';
import { hardenLinks } from './links';
import { keepInline } from './remoteImages';

/**
 * A stricter sanitizer than JupyterLab's: what it passes loads nothing, runs no command and
 * cannot imitate JupyterLab's UI.
 *
 * The output of JupyterLab's sanitizer is parsed into an inert document and filtered by
 * allow-lists.
 */
export class PanelSanitizer implements IRenderMime.ISanitizer {
  readonly allowNamedProperties = false;
  readonly allowCommandLinker = false;

  constructor(private _trans: TranslationBundle) {}

  sanitize(dirty: string, options?: IRenderMime.ISanitizerOptions): string {
    const clean = this._sanitizer.sanitize(dirty, options);
    const page = new DOMParser().parseFromString(clean, 'text/html');
    keepAllowed(page.body);
    page.body.querySelectorAll('img').forEach(each => keepInline(each, this._trans));
    hardenLinks(page.body);
    showHidden(page.body);
    return page.body.innerHTML;
  }

  private _sanitizer = new Sanitizer();
}

function keepAllowed(body: HTMLElement): void {
  for (const element of [...body.querySelectorAll<HTMLElement>('*')]) {
    const tag = element.localName;
    const isBox = tag === 'input' && element.getAttribute('type') === 'checkbox';
    if (EMPTIED.has(tag)) {
      element.remove();
    } else if (!ELEMENTS.has(tag) || (tag === 'input' && !isBox)) {
      element.replaceWith(...element.childNodes);
    } else {
      keepAttributes(element);
      if (tag === 'th' && element.textContent?.trim() === '') {
        emptyCell(element);
      }
      if (isBox) {
        element.setAttribute('disabled', '');
      }
    }
  }
}

/** Turn an empty header, as above a table's index, into a cell: screen readers would announce it. */
function emptyCell(header: HTMLElement): void {
  const cell = header.ownerDocument.createElement('td');
  for (const { name, value } of header.attributes) {
    cell.setAttribute(name, value);
  }
  header.replaceWith(cell);
}

function keepAttributes(element: HTMLElement): void {
  for (const { name } of [...element.attributes]) {
    if (!ATTRIBUTES.has(name)) {
      element.removeAttribute(name);
    }
  }
  if (element.hasAttribute('src') && element.localName !== 'img') {
    element.removeAttribute('src');
  }
  if (element.hasAttribute('style')) {
    keepHarmlessStyle(element);
  }
  if (element.hasAttribute('class')) {
    element.className = [...element.classList]
      .filter(each => CLASSES.test(each))
      .join(' ');
  }
}

function showHidden(body: HTMLElement): void {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.nodeValue ?? '';
    const shown = visible(text);
    if (shown !== text) {
      node.nodeValue = shown;
    }
  }
}
