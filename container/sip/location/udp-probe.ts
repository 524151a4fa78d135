import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { targetName } from './resting.js';
import type { Target } from '../transport/transport.js';

/** How long the answer of a living system takes at most, in milliseconds; one that says nothing may be well or not. */
const ANSWER_MS = 200;
/** What servers take for a keep-alive and pass over (RFC 5626 section 3.5.1). */
const KEEP_ALIVE = '\r\n\r\n';

/**
 * Asks whether anybody listens at a UDP port: the system there says so by ICMP if not. It has to be asked from a socket of its own,
 * since only one that is connected to a single peer is told.
 */
export class UdpProbes {
  readonly #running = new Map<string, Promise<boolean>>();

  /** @param host address to ask from */
  constructor(private readonly host: string) {}

  /** @returns true: nobody listens; false: somebody does, or it cannot be told */
  async isClosed(target: Target): Promise<boolean> {
    const name = targetName(target);
    const running = this.#running.get(name);
    if (running) return await running;
    const probe = isRefused(this.host, target).finally(() => this.#running.delete(name));
    this.#running.set(name, probe);
    return await probe;
  }
}

async function isRefused(host: string, target: Target): Promise<boolean> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    socket.bind({ address: host });
    await once(socket, 'listening');
    socket.connect(target.port, target.address);
    await once(socket, 'connect');
    return await isErrorToldOf(socket);
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function isErrorToldOf(socket: Socket): Promise<boolean> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ANSWER_MS);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(error.code === 'ECONNREFUSED');
    });
    socket.send(KEEP_ALIVE);
  });
}
