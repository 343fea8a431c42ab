import * as React from 'react';

/** Return whether a card may take the focus: never from a notebook that one types in. */
export function mayTakeFocus(panel: Element | null | undefined): boolean {
  const focused = document.activeElement;
  return (
    focused === null || focused === document.body || panel?.contains(focused) === true
  );
}

/** Move the focus to the composer when a card that has it is removed. */
export function useFocusBehind(card: React.RefObject<Element>): void {
  React.useLayoutEffect(() => {
    const node = card.current;
    const panel = node?.closest('.jp-Assistants-panel');
    return () => {
      // A layout effect's cleanup runs while the node is still in the page and has the focus.
      if (node?.contains(document.activeElement)) {
        panel?.querySelector<HTMLElement>('.jp-Assistants-composer textarea')?.focus();
      }
    };
  }, []);
}

/** Return a function that moves the focus to the composer after a card was answered. */
export function focusBehind(card: Element | null): () => void {
  const panel = card?.closest('.jp-Assistants-panel');
  return () => {
    const focused = document.activeElement;
    const held = focused === document.body || card?.contains(focused);
    if (held && panel && mayTakeFocus(panel)) {
      panel.querySelector<HTMLElement>('.jp-Assistants-composer textarea')?.focus();
    }
  };
}
