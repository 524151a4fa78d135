import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { targetName } from './resting.js';
import type { Target } from '../transport/transport.js';

/** How long to wait for an ICMP error, in milliseconds; silence proves nothing. */
const ANSWER_MS = 200;
/** A keep-alive, which servers ignore (RFC 5626 section 3.5.1). */
const KEEP_ALIVE = '\r\n\r\n';

/**
 * Finds out whether anybody listens at a UDP port: if not, the system there answers with an ICMP error. Each probe needs a socket of its
 * own, since only a socket connected to a single peer learns of the error.
 */
export class UdpProbes {
  readonly #running = new Map<string, Promise<boolean>>();

  /** @param host address to ask from */
  constructor(private readonly host: string) {}

  /** @returns true if nobody listens; false if somebody does, or nobody can tell */
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
