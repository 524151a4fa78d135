import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP socket on 127.0.0.1 that records every SIP message. */
export interface SipSocket {
  readonly port: number;
  /** All messages so far, oldest first. */
  readonly messages: readonly string[];
  /** The first message, past or future, that matches. @throws AbortError after `timeoutMs` milliseconds */
  waitFor(isWanted: (message: string) => boolean, timeoutMs: number): Promise<string>;
  close(): Promise<void>;
}

/** @param answer status and reason that refuse each INVITE; by default the socket does not answer */
export async function openSipSocket(answer?: string): Promise<SipSocket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const messages: string[] = [];
  socket.on('message', (datagram, { port, address }) => {
    const message = datagram.toString('utf8');
    messages.push(message);
    if (answer && message.startsWith('INVITE ')) socket.send(refusal(message, answer), port, address);
  });

  return {
    port: socket.address().port,
    messages,
    waitFor: async (isWanted, timeoutMs) => {
      const signal = AbortSignal.timeout(timeoutMs);
      let found = messages.find(isWanted);
      while (found === undefined) {
        await once(socket, 'message', { signal });
        found = messages.find(isWanted);
      }
      return found;
    },
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A final response to an INVITE, with the fields copied that RFC 3261 8.2.6.2 requires. */
function refusal(invite: string, answer: string): string {
  const copied = invite.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line));
  const fields = copied.map((line) => (/^To:/i.test(line) ? `${line};tag=refused` : line));
  return [`SIP/2.0 ${answer}`, ...fields, 'Content-Length: 0', '', ''].join('\r\n');
}
