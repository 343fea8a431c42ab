import { Widget } from '@lumino/widgets';

/**
 * Attach a renderer to a node of the panel.
 *
 * Math is typeset, and some renderers draw at all, only once they know that they are in the
 * page. Outside of it the node alone is appended.
 */
export function attach(widget: Widget, host: HTMLElement | null): void {
  if (host?.isConnected) {
    Widget.attach(widget, host);
  } else {
    host?.appendChild(widget.node);
  }
}
