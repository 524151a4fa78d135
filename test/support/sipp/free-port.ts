import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A UDP port of 127.0.0.1 that was free a moment ago, for programs that cannot be told to take one by themselves. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() satisfies AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}
