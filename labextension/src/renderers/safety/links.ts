import { visible } from '../../base/hiddenCharacters';
import { NAME_ADDRESS } from './names';

/** Prefix of addresses inside the panel; the panel handles clicks on them. */
const OURS = '#assistants-';
const HTML = 'http://www.w3.org/1999/xhtml';
const SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** Returns the address that a name in a link stands for, or null if nothing has that name. */
export type ResolveName = (name: string) => string | null;

/** Harden what was rendered once more: JupyterLab loosens links behind the sanitizer. */
export function finish(node: Element, resolve: ResolveName = () => null): void {
  resolveNames(node, resolve);
  hardenLinks(node);
  reachWide(node);
}

/** Put addresses in the place of names; a link whose name means nothing becomes text. */
function resolveNames(node: Element, resolve: ResolveName): void {
  node.querySelectorAll(`a[href^="${NAME_ADDRESS}"]`).forEach(link => {
    const name = decodeURIComponent(
      link.getAttribute('href')!.slice(NAME_ADDRESS.length)
    );
    const address = resolve(name);
    if (address === null) {
      link.replaceWith(...link.childNodes);
    } else {
      link.setAttribute('href', address);
    }
  });
}

/** Make wide content focusable, so that keys can scroll it. */
function reachWide(node: Element): void {
  node.querySelectorAll('pre, table').forEach(each => {
    if (each.closest('.jp-Assistants-code') === null) {
      each.setAttribute('tabindex', '0');
    }
  });
}

/** Make every link of a node show its host and leave without opener or referrer. */
export function hardenLinks(node: Element): void {
  // JupyterLab's heading anchors would change the page's address.
  node.querySelectorAll('a.jp-InternalAnchorLink').forEach(link => link.remove());
  node.querySelectorAll('a').forEach(hardenLink);
}

/** Make one link safe; an unknown scheme makes it text. */
export function hardenLink(link: Element): void {
  const href = (
    link.getAttribute('href') ??
    link.getAttribute('xlink:href') ??
    ''
  ).trim();
  if (href.startsWith(OURS) && !link.hasAttribute('target')) {
    return;
  }
  const address = addressOf(href);
  if (address === null) {
    ['href', 'xlink:href', 'target', 'rel'].forEach(name => link.removeAttribute(name));
    return;
  }
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer nofollow');
  if (address.host && link.namespaceURI === HTML) {
    showHost(link, address);
  }
}

/** Return the address of a link if it is allowed; null for scripts, files and fragments. */
export function addressOf(href: string): URL | null {
  try {
    const url = new URL(href);
    return SCHEMES.has(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function showHost(link: Element, address: URL): void {
  link.setAttribute('title', visible(address.href));
  if (link.querySelector('.jp-Assistants-host')) {
    return;
  }
  if (saysHost(link.textContent ?? '', address)) {
    return;
  }
  const shown = link.ownerDocument.createElement('span');
  shown.className = 'jp-Assistants-host';
  shown.textContent = ` (${address.host})`;
  link.appendChild(shown);
}

/** Return whether a link's text names its host. */
export function saysHost(text: string, address: URL): boolean {
  const words = text.trim().toLowerCase();
  const host = address.host.toLowerCase();
  return words.endsWith(`(${host})`) || beginsWith(words, host, address.protocol);
}

/** Return whether a link's text starts with its host. */
function beginsWith(text: string, host: string, protocol: string): boolean {
  const rest = text.startsWith(`${protocol}//`)
    ? text.slice(protocol.length + 2)
    : text;
  return rest.startsWith(host) && /^([/?#:]|$)/.test(rest.slice(host.length));
}
