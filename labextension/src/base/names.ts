import { visible } from './hiddenCharacters';

/** Return the name of an assistant or a vector store; its id if it has none. */
export function shownName(named: { id: string; name?: string | null }): string {
  return visible(named.name || named.id);
}
