/** A page of a list, as the API gives it. */
export interface Page<T> {
  data: T[];
  has_more: boolean;
}

/** Read a list to its end, page by page. */
export async function everyPage<T extends { id: string }>(
  read: (after: string | undefined) => Promise<Page<T>>
): Promise<T[]> {
  const all: T[] = [];
  for (let more = true; more;) {
    const page = await read(all[all.length - 1]?.id);
    all.push(...page.data);
    // A server that promises more and gives nothing is not asked forever.
    more = page.has_more && page.data.length > 0;
  }
  return all;
}
