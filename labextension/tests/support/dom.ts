/** What JupyterLab's modules expect of a browser and jsdom does not have. */
if (typeof window !== 'undefined') {
  const missing = {
    DragEvent: class extends MouseEvent {},
    ResizeObserver: class {
      observe(): void {}
      disconnect(): void {}
    },
    matchMedia: () => ({ matches: false, addListener: () => undefined })
  };
  for (const [name, value] of Object.entries(missing)) {
    (globalThis as Record<string, unknown>)[name] ??= value;
  }
}
