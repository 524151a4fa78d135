import { type Container, type DirectoryUser, startContainer, usersOf } from '../container.js';
import { type Phone, type PhoneOptions, startPhone } from './baresip.js';
import { type Kamailio, type KamailioOptions, startKamailio } from './kamailio.js';

/** A SIP domain of real peers: Kamailio, the phones of user1 and user2, and the container that is under test. */
export interface PeerDomain {
  readonly kamailio: Kamailio;
  readonly user1: Phone;
  readonly user2: Phone;
  readonly container: Container;
  stop(): Promise<void>;
}

export type ProxyOptions = Omit<KamailioOptions, 'domain' | 'users'>;

export interface PeerDomainOptions extends ProxyOptions {
  /** How both phones answer; by themselves by default. */
  readonly answer?: PhoneOptions['answer'];
  /** The container's user directory, where it differs from what the proxy knows. */
  readonly directory?: readonly DirectoryUser[];
}

const domain = 'example.com';
const password = '123';

/** Starts all of it. When one of them does not start, the others are stopped. */
export async function startPeerDomain(options: PeerDomainOptions = {}): Promise<PeerDomain> {
  const { answer = 'auto', directory = usersOf(domain), ...proxy } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const next of stops.splice(0).toReversed()) await next();
  };
  const started = async <T extends { stop(): Promise<void> }>(peer: Promise<T>): Promise<T> => {
    const result = await peer;
    stops.push(() => result.stop());
    return result;
  };
  try {
    const users = ['user1', 'user2', 'user3'].map((userName) => ({ userName, password }));
    const kamailio = await started(startKamailio({ domain, users, ...proxy }));
    const common = { password, domain, proxyPort: kamailio.port, answer } satisfies Partial<PhoneOptions>;
    const user1 = await started(startPhone({ ...common, user: 'user1', toneHz: 400 }));
    const user2 = await started(startPhone({ ...common, user: 'user2', toneHz: 700 }));
    const container = await started(
      startContainer({ sipxProxyDomain: domain, sipProxy: kamailio.uri, users: directory }),
    );
    return { kamailio, user1, user2, container, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
