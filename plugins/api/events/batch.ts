import type { LoggedEvent } from './event-log.js';

/** Most events of one batch, and how many characters they may have before the batch is full. */
const MAX_EVENTS = 128;
const FULL_CHARACTERS = 131_072;

/** Events that are written together: printed once, and shared by all readers that get them. */
export interface Batch {
  readonly bytes: Buffer;
  /** How many events they are. */
  readonly count: number;
  /** Id of the last one. */
  readonly cursor: string;
}

/** @param events oldest first */
export function batchesOf(events: readonly LoggedEvent[]): Batch[] {
  const batches: Batch[] = [];
  let text = '';
  let count = 0;
  for (const [index, event] of events.entries()) {
    text += frameOf(event);
    count += 1;
    if (count < MAX_EVENTS && text.length < FULL_CHARACTERS && index + 1 < events.length) continue;
    batches.push({ bytes: Buffer.from(text), count, cursor: event.id });
    text = '';
    count = 0;
  }
  return batches;
}

/** A frame of the stream (HTML, section 9.2). @param json one line */
export function frame(type: string, id: string, json: string): string {
  return `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
}

function frameOf({ event, id, json }: LoggedEvent): string {
  return frame(event.type, id, json);
}
