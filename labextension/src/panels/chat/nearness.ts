import * as React from 'react';

/** Distance around the viewport that counts as near, in screens. */
const SCREENS = 1;
/** Callbacks per frame, so that no frame takes long. */
const COMING = 2;
const LEAVING = 6;

type Notify = (near: boolean) => void;

/**
 * Notifies elements of a scroller when they come near to the viewport and when they leave.
 *
 * A few in each frame: visible ones first, then those around them, then those that left.
 */
export class Nearness {
  constructor(root: Element) {
    this._observer = new IntersectionObserver(entries => this._onIntersect(entries), {
      root,
      rootMargin: `${SCREENS * 100}% 0px`
    });
  }

  /** Watch an element; returns a function that stops watching. */
  watch(node: Element, notify: Notify): () => void {
    this._notify.set(node, notify);
    this._observer.observe(node);
    return () => {
      this._notify.delete(node);
      this._coming.delete(node);
      this._leaving.delete(node);
      this._observer.unobserve(node);
    };
  }

  dispose(): void {
    this._observer.disconnect();
    cancelAnimationFrame(this._frame);
  }

  private _onIntersect(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, boundingClientRect, rootBounds } of entries) {
      this._coming.delete(target);
      this._leaving.delete(target);
      if (isIntersecting && rootBounds) {
        const middle = (rootBounds.top + rootBounds.bottom) / 2;
        const { top, bottom } = boundingClientRect;
        this._coming.set(target, Math.max(top - middle, middle - bottom, 0));
      } else {
        this._leaving.add(target);
      }
    }
    this._schedule();
  }

  private _schedule(): void {
    cancelAnimationFrame(this._frame);
    if (this._coming.size + this._leaving.size > 0) {
      this._frame = requestAnimationFrame(() => {
        if (this._coming.size > 0) {
          this._notifyFirst(
            [...this._coming.keys()].sort(this._byDistance),
            COMING,
            true
          );
        } else {
          this._notifyFirst([...this._leaving], LEAVING, false);
        }
        this._schedule();
      });
    }
  }

  private _notifyFirst(nodes: Element[], count: number, near: boolean): void {
    for (const node of nodes.slice(0, count)) {
      this._coming.delete(node);
      this._leaving.delete(node);
      this._notify.get(node)?.(near);
    }
  }

  private _byDistance = (a: Element, b: Element): number =>
    this._coming.get(a)! - this._coming.get(b)!;

  private _observer: IntersectionObserver;
  private _notify = new WeakMap<Element, Notify>();
  /** Elements that came near, with their distance from the middle of the viewport. */
  private _coming = new Map<Element, number>();
  private _leaving = new Set<Element>();
  private _frame = 0;
}

/** Set the height of an element while it is not laid out. */
export function setHeight(node: HTMLElement, pixels: number): void {
  node.style.setProperty('--jp-assistants-height', `${pixels}px`);
}

/** The tracker of the surrounding thread; null where everything counts as near. */
export const NearnessContext = React.createContext<Nearness | null>(null);

/**
 * Return whether an element is to be drawn in full.
 *
 * Elements that were used stay drawn, so that no open fold and no draft is lost.
 */
export function useNear(
  ref: React.RefObject<HTMLElement>,
  initially: boolean
): { near: boolean; keep: () => void } {
  const nearness = React.useContext(NearnessContext);
  const [near, setNear] = React.useState(initially);
  const used = React.useRef(false);
  React.useEffect(() => {
    const node = ref.current;
    return node
      ? nearness?.watch(node, isNear => {
          const inUse = used.current || node.contains(document.activeElement);
          if (!isNear && !inUse) {
            setHeight(node, node.offsetHeight);
          }
          setNear(known => isNear || (known && inUse));
        })
      : undefined;
  }, [nearness, ref]);
  const keep = React.useCallback(() => {
    used.current = true;
  }, []);
  return { near: near || nearness === null, keep };
}
