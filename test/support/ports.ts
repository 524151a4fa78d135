import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that Linux uses for port 0 (32768 and up), so that no other socket of a test takes the port meanwhile. */
const lowest = 12_000;
const highest = 32_000;
let next = lowest + 2 * Math.floor((Math.random() * (highest - lowest)) / 2);

/**
 * The first of `count` consecutive ports, an even one, that are free on 127.0.0.1 over UDP and TCP.
 * For programs that cannot take port 0 and report the port that they got. A process reuses a port only after all others.
 */
export async function freePorts(count = 1): Promise<number> {
  for (let tried = 0; tried < highest - lowest; tried += count) {
    const first = next;
    next += 2 * Math.ceil(count / 2);
    if (next + count > highest) next = lowest;
    if (await areFree(first, count)) return first;
  }
  throw new Error(`no ${count} consecutive ports are free on 127.0.0.1`);
}

async function areFree(first: number, count: number): Promise<boolean> {
  for (let port = first; port < first + count; port++) {
    if (!(await isFree(port))) return false;
  }
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  const tcp = createServer();
  try {
    udp.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(udp, 'listening');
    tcp.listen(port, '127.0.0.1');
    await once(tcp, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    udp.close();
    if (tcp.listening) {
      tcp.close();
      await once(tcp, 'close');
    }
  }
}
