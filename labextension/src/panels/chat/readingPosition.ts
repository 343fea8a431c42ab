/** Distance from the end that counts as being at the end, in pixels. */
const NEAR = 40;
/** Screens above the viewport at which older messages are loaded. */
const AHEAD = 2;

/** An element and its offset in the scrolled content. */
interface Anchor {
  node: HTMLElement;
  top: number;
}

/**
 * Keeps the reading position of a scroller.
 *
 * A scroller at its end stays there while it grows. Elsewhere content may be added above and
 * change its height; browsers keep the position then, but not at the very top, and not all
 * of them do. Where they do not, this does, before the page is painted.
 */
export class ReadingPosition {
  constructor(
    private _node: HTMLElement,
    private _onTop: () => void
  ) {
    this._node.addEventListener('scroll', this._onScroll, { passive: true });
    this._added.observe(_node, { childList: true });
    this._observe();
    this._restore();
  }

  dispose(): void {
    this._node.removeEventListener('scroll', this._onScroll);
    this._added.disconnect();
    this._resized.disconnect();
  }

  private _onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this._node;
    if (scrollHeight - scrollTop - clientHeight < NEAR) {
      this._atEnd = true;
    } else if (scrollTop < this._last) {
      // Only a person scrolls up; content that grows below must not detach from the end.
      this._atEnd = false;
    }
    this._restore();
  };

  /** Observe children that are new. */
  private _observe(): void {
    for (const child of this._node.children) {
      if (!this._observed.has(child)) {
        this._observed.add(child);
        this._resized.observe(child);
      }
    }
  }

  /** Scroll to the end or to the anchor, and remember the new anchor. */
  private _restore(): void {
    const node = this._node;
    if (this._atEnd) {
      node.scrollTop = node.scrollHeight;
    } else if (this._anchor?.node.isConnected && !this._anchoredByBrowser()) {
      node.scrollTop += topOf(this._anchor.node) - this._anchor.top;
    }
    // At the end the browser's own anchoring would work against this.
    node.classList.toggle('jp-mod-atEnd', this._atEnd);
    this._last = node.scrollTop;
    this._anchor = this._atTop();
    if (node.scrollTop < AHEAD * node.clientHeight) {
      this._onTop();
    }
  }

  private _anchoredByBrowser(): boolean {
    const { overflowAnchor } = getComputedStyle(this._node);
    return overflowAnchor === 'auto' && this._node.scrollTop > 0;
  }

  /** Return the first child that is not above the viewport, by binary search. */
  private _atTop(): Anchor | null {
    const children = this._node.children as HTMLCollectionOf<HTMLElement>;
    let [low, high] = [0, children.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const child = children[middle];
      if (topOf(child) + child.offsetHeight <= this._node.scrollTop) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const found = children[low];
    return found ? { node: found, top: topOf(found) } : null;
  }

  private _atEnd = true;
  private _last = 0;
  private _anchor: Anchor | null = null;
  private _observed = new WeakSet<Element>();
  private _resized = new ResizeObserver(() => this._restore());
  private _added = new MutationObserver(() => {
    this._observe();
    this._restore();
  });
}

/** Return the offset of a child in the scrolled content. */
function topOf(child: HTMLElement): number {
  return child.offsetTop;
}
