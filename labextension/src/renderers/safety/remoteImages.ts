import type { TranslationBundle } from '@jupyterlab/translation';
import { visible } from '../../base/hiddenCharacters';
import { hardenLink } from './links';

const CLASS = 'jp-Assistants-remoteImage';
const SOURCE = 'data-assistants-source';
const ALT = 'data-assistants-alt';
const INLINE = /^data:image\/(png|jpeg|gif|webp|bmp|svg\+xml)[;,]/i;

/** Keep an image only if it is inline; a button replaces a remote one. */
export function keepInline(image: HTMLImageElement, trans: TranslationBundle): void {
  const source = (image.getAttribute('src') ?? '').trim();
  if (!INLINE.test(source)) {
    standIn(image, source, image.getAttribute('alt') ?? '', trans);
  }
}

/** Replace an element by the stand-in of a remote image. */
export function standIn(
  element: Element,
  source: string,
  alt: string,
  trans: TranslationBundle
): void {
  const address = remote(source);
  const page = element.ownerDocument;
  const created = page.createElement(address ? 'button' : 'span');
  created.className = CLASS;
  if (address) {
    created.setAttribute('type', 'button');
    created.setAttribute('title', visible(address.href));
    created.setAttribute(SOURCE, address.href);
    created.setAttribute(ALT, alt);
  }
  const from = address ? trans.__('Load image from %1', address.host) : '';
  const text = from || trans.__('[Image not available]');
  created.textContent = visible(alt ? `${text}: ${alt}` : text);
  const around = element.parentElement?.closest('a');
  if (around) {
    // A link must not contain a button.
    around.after(created);
    element.remove();
  } else {
    element.replaceWith(created);
  }
}

/**
 * Handle clicks inside a node: load a requested image, and harden a link once more before it
 * is followed.
 */
export function guardClicks(node: HTMLElement, trans: TranslationBundle): void {
  const onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const link = target.closest('a');
    if (link) {
      hardenLink(link);
    }
    const button = target.closest<HTMLElement>(`button.${CLASS}`);
    if (button && event.type === 'click') {
      load(button, trans);
    }
  };
  node.addEventListener('click', onClick, true);
  node.addEventListener('auxclick', onClick, true);
}

function load(button: HTMLElement, trans: TranslationBundle): void {
  const address = remote(button.getAttribute(SOURCE) ?? '');
  if (address === null) {
    return;
  }
  const image = document.createElement('img');
  image.className = 'jp-Assistants-image';
  image.alt = button.getAttribute(ALT) || trans.__('Image from %1', address.host);
  image.referrerPolicy = 'no-referrer';
  image.tabIndex = -1;
  image.onerror = () => {
    const note = document.createElement('span');
    note.className = CLASS;
    note.textContent = trans.__('The image from %1 could not be loaded.', address.host);
    image.replaceWith(note);
  };
  image.src = address.href;
  button.replaceWith(image);
  // Keyboard users continue from here.
  image.focus({ preventScroll: true });
}

function remote(source: string): URL | null {
  try {
    const url = new URL(source.startsWith('//') ? `https:${source}` : source);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}
