/**
 * Hand colours that a terminal's codes name by number to the theme, which mixes them with its own
 * colour of text: they were chosen for other grounds, and cannot be read on all of ours.
 */
export function yieldColours(root: Element): void {
  for (const span of root.querySelectorAll<HTMLElement>('pre span[style]')) {
    const { color, backgroundColor } = span.style;
    if (color && !backgroundColor) {
      span.style.removeProperty('color');
      span.style.setProperty('--jp-assistants-given', color);
      span.classList.add('jp-Assistants-given');
    }
  }
}
