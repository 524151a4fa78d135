import type { Socket } from 'node:net';
import type { Log } from '../../sdk/log.js';
import { clientKey } from '../sip/transport/client-key.js';
import { Networks } from './networks.js';

/** Whether a new connection is let in. It is decided on the socket: whatever is written in a request may be forged. */
export type Admission = (socket: Socket) => boolean;

/** One client must not take all the connections that there are. */
const MAX_CONNECTIONS_PER_ADDRESS = 1_024;

/** Lets in those that come from some networks. */
export function fromNetworks(networks: readonly string[], log: Log): Admission {
  const admitted = new Networks(networks);
  return ({ remoteAddress }) => {
    const isAdmitted = admitted.has(remoteAddress);
    if (!isAdmitted) log.warn('Connection refused: not from insideNetworks', { address: remoteAddress });
    return isAdmitted;
  };
}

/** Lets in everybody, with no more than so many connections at a time from one address. */
export function limitedPerAddress(log: Log, most = MAX_CONNECTIONS_PER_ADDRESS): Admission {
  const open = new Map<string, number>();
  return (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return false;
    const key = clientKey(remoteAddress);
    const count = open.get(key) ?? 0;
    if (count >= most) {
      log.warn('Connection refused: too many from one address', { address: remoteAddress });
      return false;
    }
    open.set(key, count + 1);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
    return true;
  };
}
