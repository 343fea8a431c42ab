import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UntrustedMarkdownParser } from './markdownParser';
import { CarefulTypesetter } from './math';
import { PanelSanitizer } from './sanitizer';

/**
 * Return a registry that renders untrusted content.
 *
 * It has the renderers of JupyterLab and of other extensions, but no resolver (relative
 * addresses would be fetched) and no link handler.
 */
export function untrustedRegistry(
  rendermime: IRenderMimeRegistry,
  trans: TranslationBundle,
  languages: IEditorLanguageRegistry | null
): IRenderMimeRegistry {
  const typesetter = rendermime.latexTypesetter;
  return rendermime.clone({
    sanitizer: new PanelSanitizer(trans),
    resolver: undefined,
    linkHandler: undefined,
    markdownParser: new UntrustedMarkdownParser(languages),
    latexTypesetter: typesetter ? new CarefulTypesetter(typesetter) : undefined
  });
}
