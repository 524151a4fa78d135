const longestLength = 100_000;

/** Frames a text as a netstring: its length in bytes, a colon, the text, a comma. */
export function netstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`;
}

/** Cuts a stream of netstrings into the texts that they carry. */
export class NetstringReader {
  private rest = Buffer.alloc(0);

  /**
   * Takes the next bytes of the stream, and returns the texts that are now complete.
   * @throws Error if the stream has anything but netstrings
   */
  push(chunk: Buffer): string[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const texts: string[] = [];
    for (let text = this.take(); text !== undefined; text = this.take()) texts.push(text);
    return texts;
  }

  private take(): string | undefined {
    const colon = this.rest.indexOf(':');
    if (colon < 0) return undefined;
    const length = Number(this.rest.toString('latin1', 0, colon));
    if (!Number.isInteger(length) || length < 0 || length > longestLength) throw new Error('not a netstring');
    const end = colon + 1 + length;
    if (this.rest.length <= end) return undefined;
    const text = this.rest.toString('utf8', colon + 1, end);
    this.rest = this.rest.subarray(end + 1);
    return text;
  }
}
