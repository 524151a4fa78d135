import { expect } from 'chai';
import type { Container } from '../container.js';
import type { StatusLine } from '../status-lines.js';

/** A Refer call as a client of the container sees it. */
export interface ReferCall {
  /** Places the call. @throws AssertionError if the container refuses */
  place(): Promise<void>;
  /** The record in GET: method and status line of each entry, without `SIP/2.0`. */
  record(): Promise<string[]>;
  /** Waits until the record has `count` entries. @throws Error after 15 seconds */
  waitForRecord(entries: number): Promise<string[]>;
}

export function callOf(container: Container, calling: string, called: string, query: string): ReferCall {
  const path = `/callcontroller/${calling}/${called}?${query}`;
  return {
    place: async () => {
      const response = await container.post(path);
      expect({ status: response.status, body: await response.text() }).to.deep.equal({ status: 200, body: '' });
    },
    record: async () => (await container.statusLines(path)).map(shown),
    waitForRecord: async (entries) =>
      (await container.waitForStatus(path, ({ length }) => length >= entries, 15_000)).map(shown),
  };
}

function shown({ method, statusLine }: StatusLine): string {
  return `${method} ${statusLine.replace('SIP/2.0 ', '')}`;
}
