import * as React from 'react';

/** How far around what is seen things count as near, in screens. */
const SCREENS = 1;
/** How many things are told in one frame, so that none takes long. */
const COMING = 2;
const LEAVING = 6;

type Told = (near: boolean) => void;

/**
 * Tells things in a scroller when they come near to what is seen, and when they leave.
 *
 * A few in each frame: first what is seen, then what is around it, at last what has gone.
 */
export class Nearness {
  constructor(root: Element) {
    this._observer = new IntersectionObserver(entries => this._tell(entries), {
      root,
      rootMargin: `${SCREENS * 100}% 0px`
    });
  }

  /** Be told about a thing; gives what ends that. */
  watch(node: Element, told: Told): () => void {
    this._told.set(node, told);
    this._observer.observe(node);
    return () => {
      this._told.delete(node);
      this._coming.delete(node);
      this._leaving.delete(node);
      this._observer.unobserve(node);
    };
  }

  dispose(): void {
    this._observer.disconnect();
    cancelAnimationFrame(this._frame);
  }

  private _tell(entries: IntersectionObserverEntry[]): void {
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
    this._goOn();
  }

  private _goOn(): void {
    cancelAnimationFrame(this._frame);
    if (this._coming.size + this._leaving.size > 0) {
      this._frame = requestAnimationFrame(() => {
        if (this._coming.size > 0) {
          this._pass([...this._coming.keys()].sort(this._byDistance), COMING, true);
        } else {
          this._pass([...this._leaving], LEAVING, false);
        }
        this._goOn();
      });
    }
  }

  private _pass(nodes: Element[], count: number, near: boolean): void {
    for (const node of nodes.slice(0, count)) {
      this._coming.delete(node);
      this._leaving.delete(node);
      this._told.get(node)?.(near);
    }
  }

  private _byDistance = (a: Element, b: Element): number =>
    this._coming.get(a)! - this._coming.get(b)!;

  private _observer: IntersectionObserver;
  private _told = new WeakMap<Element, Told>();
  /** Things that have come near, and how far they are from the middle of what is seen. */
  private _coming = new Map<Element, number>();
  private _leaving = new Set<Element>();
  private _frame = 0;
}

/** Say how high a thing is while it is not laid out. */
export function setHeight(node: HTMLElement, pixels: number): void {
  node.style.setProperty('--jp-assistants-height', `${pixels}px`);
}

/** What tells near from far in the thread around; null where all is near. */
export const NearnessContext = React.createContext<Nearness | null>(null);

/**
 * Give whether a thing is to be drawn in full.
 *
 * What a person has used stays drawn, so that nothing of theirs is lost: an open fold, a draft.
 */
export function useNear(
  ref: React.RefObject<HTMLElement>,
  initially: boolean
): { near: boolean; keep: () => void } {
  const nearness = React.useContext(NearnessContext);
  const [near, setNear] = React.useState(initially);
  const kept = React.useRef(false);
  React.useEffect(() => {
    const node = ref.current;
    return node
      ? nearness?.watch(node, found => {
          const held = kept.current || node.contains(document.activeElement);
          if (!found && !held) {
            setHeight(node, node.offsetHeight);
          }
          setNear(known => found || (known && held));
        })
      : undefined;
  }, [nearness, ref]);
  const keep = React.useCallback(() => {
    kept.current = true;
  }, []);
  return { near: near || nearness === null, keep };
}
