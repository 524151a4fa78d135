import { isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/**
 * The line, counted from 1, on which the value of a path begins in a text of JSON or YAML; undefined where it has no such path. It is
 * asked for where something is wrong only: the text is parsed each time.
 */
export function lineOfPath(text: string, path: readonly PropertyKey[]): number | undefined {
  const lineCounter = new LineCounter();
  let node: unknown = parseDocument(text, { lineCounter, logLevel: 'silent' }).contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isMap(node)) node = node.items.find(({ key }) => String(key) === String(step));
    else if (isSeq(node)) node = node.items[Number(step)];
    else return undefined;
    if (node === undefined) return undefined;
    if (isPair(node)) {
      offset = (node.key as Node | null)?.range?.[0];
      node = node.value;
    } else offset = (node as Node).range?.[0];
  }
  return offset === undefined ? undefined : lineCounter.linePos(offset).line;
}
