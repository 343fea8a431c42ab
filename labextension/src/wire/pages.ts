/** A page of a list of the API. */
export interface Page<T> {
  data: T[];
  has_more: boolean;
}

/** Return a whole list, read page by page. */
export async function everyPage<T extends { id: string }>(
  read: (after: string | undefined) => Promise<Page<T>>
): Promise<T[]> {
  const all: T[] = [];
  for (let more = true; more;) {
    const page = await read(all[all.length - 1]?.id);
    all.push(...page.data);
    // A server that promises more and sends nothing must not be asked forever.
    more = page.has_more && page.data.length > 0;
  }
  return all;
}
