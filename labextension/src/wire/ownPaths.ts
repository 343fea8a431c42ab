const MOUNT =
  /(?<![A-Za-z0-9_.~-])(?<!sandbox:)(?<!sandbox:\/)(?<!sandbox:\/\/)(?<!file:\/\/)\/mnt\/data(?=\/|[^A-Za-z0-9_.-]|$)(\/(?=[A-Za-z0-9_]))?/g;

/**
 * Return code with the paths that it has in the person's own cell; links with `sandbox:` stay.
 *
 * Cells do the same (`protocol/own_paths.py`); `tests/data/own_paths.json` pins both.
 */
export function withOwnPaths(code: string): string {
  return code.replace(MOUNT, (_, slash: string | undefined, at: number) => {
    if (slash === undefined) {
      return '.';
    }
    // A shell runs ./x, and not x; a string literal needs no such mark.
    return at > 0 && '"\''.includes(code[at - 1]) ? '' : './';
  });
}
