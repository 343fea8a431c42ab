import * as React from 'react';

/** Whether the focus is in the panel or nowhere: it is not taken from a notebook one types in. */
export function mayTakeFocus(panel: Element | null | undefined): boolean {
  const focused = document.activeElement;
  return (
    focused === null || focused === document.body || panel?.contains(focused) === true
  );
}

/** Move the focus to the composer when a card goes that holds it. */
export function useFocusBehind(card: React.RefObject<Element>): void {
  React.useLayoutEffect(() => {
    const node = card.current;
    const panel = node?.closest('.jp-Assistants-panel');
    return () => {
      // It is still in the page, with the focus in it.
      if (node?.contains(document.activeElement)) {
        panel?.querySelector<HTMLElement>('.jp-Assistants-composer textarea')?.focus();
      }
    };
  }, []);
}

/** Give what moves the focus to the composer behind an answer that switched a card off. */
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
