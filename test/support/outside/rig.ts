import { type Container, type ContainerSettings, startContainer } from '../container.js';
import { freePorts } from '../ports.js';
import { openSipSocket, type SipSocket } from '../sip-socket.js';
import { md5 } from './digest.js';

/** A container with an outside listener, and the socket that gets its SIP. */
export interface OutsideRig {
  readonly container: Container;
  /** Port of the outside listener. */
  readonly port: number;
  /** All SIP messages from the container. */
  readonly proxy: SipSocket;
  stop(): Promise<void>;
}

export const domain = 'example.com';
/** user1 to user150; alias `2001` and so on. */
const userCount = 150;

export function pinOf(userName: string): string {
  return `pin-of-${userName}`;
}

export function sipPasswordOf(userName: string): string {
  return `sip-password-of-${userName}`;
}

/** The user's alias, a number. */
export function aliasOf(userName: string): string {
  return String(2000 + Number(userName.slice('user'.length)));
}

/** Many users with a PIN; `hashed` with a hashed PIN; `pinless` and `empty` without a PIN. */
export function outsideUsers() {
  const sip = (userName: string) => ({
    userName,
    identity: `${userName}@${domain}`,
    sipPassword: sipPasswordOf(userName),
  });
  const withPin = Array.from({ length: userCount }, (_, index) => `user${index + 1}`).map((userName) => ({
    ...sip(userName),
    aliases: [aliasOf(userName)],
    pin: pinOf(userName),
  }));
  return [
    ...withPin,
    { ...sip('hashed'), aliases: ['3001'], pintoken: md5(`hashed:${domain}:${pinOf('hashed')}`) },
    sip('pinless'),
    { ...sip('empty'), pin: '' },
  ];
}

export async function startOutside(settings: ContainerSettings = {}, env: NodeJS.ProcessEnv = {}): Promise<OutsideRig> {
  const port = await freePorts();
  const proxy = await openSipSocket();
  try {
    const container = await startContainer(
      {
        publicHttpPort: port,
        sipProxy: `sip:127.0.0.1:${proxy.port};lr`,
        users: outsideUsers(),
        ...settings,
      },
      env,
    );
    const stop = async () => {
      await container.stop();
      await proxy.close();
    };
    return { container, port, proxy, stop };
  } catch (error) {
    await proxy.close();
    throw error;
  }
}
