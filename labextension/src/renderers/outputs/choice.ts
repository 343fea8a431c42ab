import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { visible } from '../../base/hiddenCharacters';
import { Json } from '../../wire/transcript';

/**
 * MIME types that are shown at once, best first: their renderers load nothing.
 *
 * Others (maps, Vega, Plotly, widgets) can contain addresses that their renderers fetch.
 */
const SAFE = [
  'application/vnd.jupyter.stderr',
  'application/vnd.jupyter.stdout',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/bmp',
  'image/svg+xml',
  'text/html',
  'text/markdown',
  'text/latex',
  'application/json',
  'text/plain'
];

/** Types that the panel draws itself. */
const OURS = new Set(['image/svg+xml', 'text/markdown']);

/** How an output can be shown. */
export interface Choice {
  /** The type that is shown at once, null if there is none. */
  shown: string | null;
  /** A richer type that is shown when a person asks for it. */
  richer: string | null;
}

/** Choose how an output is shown. */
export function choose(data: object, rendermime: IRenderMimeRegistry): Choice {
  const given = Object.keys(data).filter(
    mime => OURS.has(mime) || rendermime.getFactory(mime)
  );
  const rich = rendermime.mimeTypes.find(
    mime =>
      given.includes(mime) && !SAFE.includes(mime) && rendermime.getFactory(mime)?.safe
  );
  return {
    shown: SAFE.find(mime => given.includes(mime)) ?? null,
    richer: rich ?? null
  };
}

/** Return an output with hidden characters shown; HTML and images are left to their renderers. */
export function unhidden(output: Json): Json {
  const kept = new Set(['text/html', 'text/markdown']);
  const shown = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') {
      return visible(value);
    }
    if (Array.isArray(value)) {
      return value.map(each => shown(each));
    }
    if (typeof value === 'object' && value !== null) {
      const pairs = Object.entries(value).map(([name, each]) => {
        const asIs = key === 'data' && (kept.has(name) || name.startsWith('image/'));
        return [visible(name), asIs ? each : shown(each, name)];
      });
      return Object.fromEntries(pairs);
    }
    return value;
  };
  return shown(output) as Json;
}

/** Return the text of a MIME bundle's value, which may be a list of lines. */
export function joined(text: unknown): string {
  return Array.isArray(text) ? text.join('') : String(text ?? '');
}
