import { Widget } from '@lumino/widgets';

/**
 * Put a renderer into a node of the panel.
 *
 * Renderers draw math, and some of other extensions draw at all, only when they know that they are
 * in the page. A panel that is not in the page yet takes the node alone.
 */
export function attach(widget: Widget, host: HTMLElement | null): void {
  if (host?.isConnected) {
    Widget.attach(widget, host);
  } else {
    host?.appendChild(widget.node);
  }
}
