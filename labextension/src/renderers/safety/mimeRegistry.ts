import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { CarefulTypesetter } from './math';
import { PanelSanitizer } from './sanitizer';

/**
 * Give a registry that renders what nobody vouches for.
 *
 * It has the renderers of JupyterLab and of other extensions, and neither a resolver (relative
 * addresses would be fetched) nor a link handler.
 */
export function untrustedRegistry(
  rendermime: IRenderMimeRegistry,
  trans: TranslationBundle
): IRenderMimeRegistry {
  const typesetter = rendermime.latexTypesetter;
  return rendermime.clone({
    sanitizer: new PanelSanitizer(trans),
    resolver: undefined,
    linkHandler: undefined,
    latexTypesetter: typesetter ? new CarefulTypesetter(typesetter) : undefined
  });
}
