import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { PanelSanitizer } from './sanitizer';

/**
 * Give a registry that renders what nobody vouches for.
 *
 * It has the renderers of JupyterLab and of other extensions, and neither a resolver (relative
 * addresses would be fetched) nor a link handler.
 */
export function untrustedRegistry(
  rendermime: IRenderMimeRegistry
): IRenderMimeRegistry {
  const clone = rendermime.clone({
    sanitizer: new PanelSanitizer(),
    resolver: undefined,
    linkHandler: undefined
  });
  return clone;
}
