/** Whether the focus is in the panel or nowhere: it is not taken from a notebook one types in. */
export function mayTakeFocus(panel: Element | null | undefined): boolean {
  const focused = document.activeElement;
  return (
    focused === null || focused === document.body || panel?.contains(focused) === true
  );
}

/** Give what moves the focus to the composer once a card goes, and the focus would go with it. */
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
