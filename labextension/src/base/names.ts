import { visible } from './hidden';

/** Give the name of an assistant or a vector store as it is shown; its id where it has none. */
export function shownName(named: { id: string; name?: string | null }): string {
  return visible(named.name || named.id);
}
