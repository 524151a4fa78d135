import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from '../container.js';
import { type ShownDialog, dialogs } from '../dialogs.js';

/** An Invite call as a client of the container sees it. */
export interface InviteCall {
  /** Sends a POST with these parameters. @throws AssertionError if the answer is not 200 */
  post(parameters: string): Promise<void>;
  /** Sends a POST, and asserts its refusal: `406 Call in progress`. */
  refusal(parameters: string): Promise<string>;
  /** The same call under another calling user, after a transfer. */
  as(calling: string): InviteCall;
  /** The record in GET: user, state and status of each leg, as `phone1 Confirmed 200 OK`. */
  record(): Promise<string[]>;
  dialogs(): Promise<ShownDialog[]>;
  /** Waits until the record is as wanted. @throws Error after 20 seconds */
  waitForRecord(isWanted: (record: readonly string[]) => boolean, what: string): Promise<void>;
}

/** @param query parameters of every request, for example `agent=user1` */
export function inviteCallOf(container: Container, calling: string, called: string, query: string): InviteCall {
  const path = `/callcontroller/${calling}/${called}?${query}`;
  const shown = async (): Promise<ShownDialog[]> => dialogs(await (await container.get(path)).text());
  const record = async (): Promise<string[]> => (await shown()).map(lineOf);
  return {
    post: async (parameters) => {
      const response = await container.post(`${path}&${parameters}`);
      expect({ status: response.status, body: await response.text() }).to.deep.equal({ status: 200, body: '' });
    },
    refusal: async (parameters) => {
      const response = await container.post(`${path}&${parameters}`);
      const [, text = ''] = /<error-text>(.*)<\/error-text>/.exec(await response.text()) ?? [];
      return `${response.status} ${text}`;
    },
    as: (other) => inviteCallOf(container, other, called, query),
    record,
    dialogs: shown,
    waitForRecord: async (isWanted, what) => {
      const deadlineMs = Date.now() + 20_000;
      for (;;) {
        const found = await record();
        if (isWanted(found)) return;
        if (Date.now() > deadlineMs) throw new Error(`The record is\n${found.join('\n')}\nand not\n${what}`);
        await delay(20);
      }
    },
  };
}

function lineOf({ remoteParty, state, statusLine }: ShownDialog): string {
  const user = /^sip:([^@]+)@/.exec(remoteParty)?.[1] ?? remoteParty;
  return `${user} ${state.replace(' Dialog', '')} ${statusLine.replace('SIP/2.0 ', '')}`.trimEnd();
}
