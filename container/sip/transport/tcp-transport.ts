import { connect, createServer } from 'node:net';
import type { Dialer } from './connections.js';
import { hostPort } from '../message/host-port.js';
import { DEFAULT_STREAM_LIMITS, listen, type StreamLimits, StreamTransport } from './stream-transport.js';
import type { Receiver, Transport } from './transport.js';

/** Listens for SIP over TCP (RFC 3261 section 18). @throws the system's error, for example EADDRINUSE */
export async function openTcp(
  host: string,
  port: number,
  receiver: Receiver,
  limits: StreamLimits = DEFAULT_STREAM_LIMITS,
): Promise<Transport> {
  const server = createServer();
  await listen(server, host, port);
  const dialer: Dialer = {
    protocol: 'TCP',
    readyEvent: 'connect',
    trustsAddress: true,
    keyOf: (target) => hostPort(target.address, target.port),
    connect: (target) => connect({ host: target.address, port: target.port, localAddress: host }),
  };
  return new StreamTransport(server, 'connection', dialer, limits, receiver);
}
