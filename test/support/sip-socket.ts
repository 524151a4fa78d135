import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP socket on 127.0.0.1 that keeps every SIP message it gets and answers none. */
export interface SipSocket {
  readonly port: number;
  /** All messages so far, oldest first. */
  readonly messages: readonly string[];
  /** The first message, got already or still to come, that contains a text. */
  waitFor(text: string, timeoutMs: number): Promise<string>;
  close(): Promise<void>;
}

export async function openSipSocket(): Promise<SipSocket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const messages: string[] = [];
  socket.on('message', (datagram) => messages.push(datagram.toString('utf8')));
  const find = (text: string): string | undefined => messages.find((message) => message.includes(text));

  return {
    port: socket.address().port,
    messages,
    waitFor: async (text, timeoutMs) => {
      const signal = AbortSignal.timeout(timeoutMs);
      let found = find(text);
      while (found === undefined) {
        await once(socket, 'message', { signal });
        found = find(text);
      }
      return found;
    },
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}
