/** How near to an end counts as being there, in pixels. */
const NEAR = 40;
/** How many screens above the first one what is above is read ahead. */
const AHEAD = 2;

/** What stood where, counted from the beginning of what is scrolled. */
interface Anchor {
  node: HTMLElement;
  top: number;
}

/**
 * Keeps what one reads where it is.
 *
 * At its end a scroller stays there while it grows. Elsewhere things may come above, and may change
 * their height when they are drawn; the browser holds the place, but not at the very beginning, and
 * not every browser does. There it is done here, before the page is painted.
 */
export class ReadingPosition {
  constructor(
    private _node: HTMLElement,
    private _onTop: () => void
  ) {
    this._node.addEventListener('scroll', this._onScroll, { passive: true });
    this._added.observe(_node, { childList: true });
    this._watch();
    this._hold();
  }

  dispose(): void {
    this._node.removeEventListener('scroll', this._onScroll);
    this._added.disconnect();
    this._grown.disconnect();
  }

  private _onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this._node;
    if (scrollHeight - scrollTop - clientHeight < NEAR) {
      this._stuck = true;
    } else if (scrollTop < this._last) {
      // Only a person moves up; what grows below in the meantime is no reason to leave the end.
      this._stuck = false;
    }
    this._hold();
  };

  /** Look at the children that are there now. */
  private _watch(): void {
    for (const child of this._node.children) {
      if (!this._watched.has(child)) {
        this._watched.add(child);
        this._grown.observe(child);
      }
    }
  }

  /** Stay at the end or at the anchor, and note what stands at the top now. */
  private _hold(): void {
    const node = this._node;
    if (this._stuck) {
      node.scrollTop = node.scrollHeight;
    } else if (this._anchor?.node.isConnected && !this._heldByBrowser()) {
      node.scrollTop += topOf(this._anchor.node) - this._anchor.top;
    }
    // At the end it is kept here, so that the browser must not hold what is above.
    node.classList.toggle('jp-mod-atEnd', this._stuck);
    this._last = node.scrollTop;
    this._anchor = this._atTop();
    if (node.scrollTop < AHEAD * node.clientHeight) {
      this._onTop();
    }
  }

  private _heldByBrowser(): boolean {
    const { overflowAnchor } = getComputedStyle(this._node);
    return overflowAnchor === 'auto' && this._node.scrollTop > 0;
  }

  /** Find the first child that is not above what is seen; they are many and in order. */
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

  private _stuck = true;
  private _last = 0;
  private _anchor: Anchor | null = null;
  private _watched = new WeakSet<Element>();
  private _grown = new ResizeObserver(() => this._hold());
  private _added = new MutationObserver(() => {
    this._watch();
    this._hold();
  });
}

/** Where a child of the scroller stands in what is scrolled. */
function topOf(child: HTMLElement): number {
  return child.offsetTop;
}
