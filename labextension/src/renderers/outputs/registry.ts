import { ComponentType } from 'react';
import { Json } from '../../wire/transcript';
import { MarkdownOutput } from './MarkdownOutput';
import { SvgOutput } from './SvgOutput';

/**
 * The MIME types that the panel draws itself; JupyterLab's renderers draw the others.
 *
 * A new one is one file beside these and one line here; its type also has a place in `choice.ts`.
 */
export const OUTPUT_RENDERERS = new Map<string, ComponentType<{ output: Json }>>([
  ['image/svg+xml', SvgOutput],
  ['text/markdown', MarkdownOutput]
]);
