import { pathToFileURL } from 'node:url';

/** The lines of a stack that name code, without those of Node's own. */
export function stackLines(stack: string): string[] {
  return stack.split('\n').filter((line) => /^ {4}at /.test(line) && !/\(?node:/.test(line));
}

/**
 * The plugin whose code has thrown or was on the way to it: of the first line that lies in a plugin's folder. A stack names modules by
 * URL, and by path those whose source map was followed.
 *
 * @param folders the plugins' own, without symbolic links, with their names
 */
export function pluginOfStack(stack: string, folders: ReadonlyMap<string, string>): string | undefined {
  // Of folders in one another the inner one is meant.
  const known = [...folders].toSorted(([a], [b]) => b.length - a.length);
  for (const line of stackLines(stack)) {
    const found = known.find(
      ([folder]) => line.includes(`${folder}/`) || line.includes(`${pathToFileURL(folder).href}/`),
    );
    if (found) return found[1];
  }
  return undefined;
}
