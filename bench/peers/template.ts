import { readFile } from 'node:fs/promises';

/** Reads a file from the folder of the bench's peers, with its `@NAME@` filled in. */
export async function fillIn(name: string, values: Readonly<Record<string, string | number>>): Promise<string> {
  const text = await readFile(new URL(`../../../bench/peers/${name}`, import.meta.url), 'utf8');
  return text.replaceAll(/@([A-Z_]+)@/g, (marker, key: string) => String(values[key] ?? marker));
}
