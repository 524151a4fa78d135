import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';

/** A larger hosts file is not read: nobody keeps so many by hand. */
const MAX_BYTES = 1024 * 1024;

/** The system's hosts file, which takes precedence over the DNS. Read again after a change. */
export class HostsFile {
  #version = '';
  #addresses = new Map<string, string[]>();

  constructor(private readonly path: string) {}

  /** @returns an empty list also if the file is missing or cannot be read */
  async addresses(name: string, family: 4 | 6): Promise<readonly string[]> {
    try {
      await this.#refresh();
    } catch {
      this.#addresses.clear();
      this.#version = '';
    }
    return (this.#addresses.get(name.toLowerCase()) ?? []).filter((address) => isIP(address) === family);
  }

  async #refresh(): Promise<void> {
    const { mtimeMs, size, ino } = await stat(this.path);
    const version = [mtimeMs, size, ino].join(' ');
    if (version === this.#version) return;
    const addresses = size > MAX_BYTES ? new Map<string, string[]>() : parse(await readFile(this.path, 'utf8'));
    this.#addresses = addresses;
    this.#version = version;
  }
}

function parse(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!isIP(address)) continue;
    for (const name of names.map((each) => each.toLowerCase())) found.set(name, [...(found.get(name) ?? []), address]);
  }
  return found;
}
