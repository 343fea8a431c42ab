/**
 * Let the theme mix numbered terminal colours with its text colour: on their own they are not
 * readable on every background.
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
