/** V8 copies shorter slices. */
const SHORTEST_SLICE = 13;

/**
 * A copy of a part of a message, for what outlives the message, as the tags and routes of a dialog do. A slice would keep the whole
 * message in memory.
 */
export function flat(part: string): string {
  return part.length < SHORTEST_SLICE ? part : Buffer.from(part).toString();
}
