import { Sanitizer } from '@jupyterlab/apputils';
import type { IRenderMime } from '@jupyterlab/rendermime';

/**
 * JupyterLab's sanitizer, and stricter: what it lets through loads nothing and runs no command.
 *
 * Images are kept only when their bytes are in their address. Nothing of the page is loaded before
 * that is decided, because the markup is looked at in a document of its own.
 */
export class PanelSanitizer implements IRenderMime.ISanitizer {
  readonly allowNamedProperties = false;
  readonly allowCommandLinker = false;

  sanitize(dirty: string, options?: IRenderMime.ISanitizerOptions): string {
    const clean = this._sanitizer.sanitize(dirty, options);
    const page = new DOMParser().parseFromString(clean, 'text/html');
    page.querySelectorAll('img').forEach(image => inlineOnly(image));
    page
      .querySelectorAll(
        'video, audio, source, track, iframe, object, embed, link, style, form'
      )
      .forEach(element => element.remove());
    page.querySelectorAll('[style]').forEach(element => {
      if (/url\s*\(|image-set|expression/i.test(element.getAttribute('style') ?? '')) {
        element.removeAttribute('style');
      }
    });
    page.querySelectorAll('*').forEach(element => {
      for (const { name } of [...element.attributes]) {
        if (name.startsWith('data-') || name === 'background' || name === 'srcset') {
          element.removeAttribute(name);
        }
      }
    });
    page.querySelectorAll('a[href]').forEach(link => {
      link.setAttribute('target', '_blank');
      link.setAttribute('rel', 'noopener noreferrer nofollow');
    });
    return page.body.innerHTML;
  }

  private _sanitizer = new Sanitizer();
}

function inlineOnly(image: HTMLImageElement): void {
  const source = image.getAttribute('src') ?? '';
  if (/^data:image\/(png|jpeg|gif|webp);base64,/i.test(source)) {
    return;
  }
  const note = image.ownerDocument.createElement('span');
  note.className = 'jp-Assistants-blockedImage';
  note.textContent = `[image not loaded: ${image.alt || hostOf(source)}]`;
  image.replaceWith(note);
}

function hostOf(source: string): string {
  try {
    return new URL(source).host;
  } catch {
    return 'no address';
  }
}
