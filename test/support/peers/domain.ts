import { type Container, type ContainerSettings, type DirectoryUser, startContainer, usersOf } from '../container.js';
import { type Phone, type PhoneOptions, startPhone } from './baresip.js';
import { type Linphone, type LinphoneOptions, startLinphone } from './linphone.js';
import { startTwinkle, type Twinkle, type TwinkleOptions } from './twinkle.js';
import { type Kamailio, type KamailioOptions, startKamailio } from './kamailio.js';

/** A SIP domain of real peers: Kamailio, and the container under test. */
export interface ProxyDomain {
  readonly kamailio: Kamailio;
  readonly container: Container;
  /** Starts the phone of a user of the domain; the phone stops with the domain. */
  startPhone(options: DomainPhone): Promise<Phone>;
  startTwinkle(options: Omit<DomainPhone, 'answer'> & Pick<TwinkleOptions, 'refusesRefer'>): Promise<Twinkle>;
  startLinphone(options: Omit<DomainPhone, 'answer'> & Pick<LinphoneOptions, 'wantsSrtp'>): Promise<Linphone>;
  stop(): Promise<void>;
}

/** A domain with the phones of user1 and user2. */
export interface PeerDomain extends ProxyDomain {
  readonly user1: Phone;
  readonly user2: Phone;
}

export interface DomainPhone extends Pick<
  PhoneOptions,
  'user' | 'toneHz' | 'transport' | 'showsPresence' | 'wantsSrtp'
> {
  /** By itself by default. */
  readonly answer?: PhoneOptions['answer'];
}

export type ProxyOptions = Omit<KamailioOptions, 'domain' | 'users'>;

export interface ProxyDomainOptions extends ProxyOptions {
  /** The container's user directory, if different from the proxy's. */
  readonly directory?: readonly DirectoryUser[];
  /** Further settings of the container. */
  readonly settings?: ContainerSettings;
}

export interface PeerDomainOptions extends ProxyDomainOptions {
  /** How both phones answer; automatically by default. */
  readonly answer?: PhoneOptions['answer'];
}

const domain = 'example.com';
const password = '123';

/** Starts Kamailio and the container. If one fails to start, the other is stopped. */
export async function startProxyDomain(options: ProxyDomainOptions = {}): Promise<ProxyDomain> {
  const { directory = usersOf(domain), settings, ...proxy } = options;
  const stops: (() => Promise<void>)[] = [];
  const started = async <T extends { stop(): Promise<void> }>(peer: Promise<T>): Promise<T> => {
    const result = await peer;
    stops.unshift(() => result.stop());
    return result;
  };
  let container: Container | undefined;
  const stop = async () => {
    try {
      // The container stops first, while the phones can still get a BYE.
      await container?.stop();
    } finally {
      for (const next of stops.splice(0)) await next();
    }
  };
  try {
    const users = ['user1', 'user2', 'user3'].map((userName) => ({ userName, password }));
    const kamailio = await started(startKamailio({ domain, users, ...proxy }));
    const settingsHere = { sipxProxyDomain: domain, sipProxy: kamailio.uri, users: directory, ...settings };
    container = await startContainer(settingsHere);
    const common = { password, domain, proxyPort: kamailio.port };
    return {
      kamailio,
      container,
      startPhone: async (phone) => await started(startPhone({ ...common, answer: 'auto', ...phone })),
      startTwinkle: async (phone) => await started(startTwinkle({ ...common, ...phone })),
      startLinphone: async (phone) => await started(startLinphone({ ...common, ...phone })),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts the domain with both phones. If one part fails to start, the others are stopped. */
export async function startPeerDomain(options: PeerDomainOptions = {}): Promise<PeerDomain> {
  const { answer = 'auto', ...others } = options;
  const peers = await startProxyDomain(others);
  try {
    const user1 = await peers.startPhone({ user: 'user1', toneHz: 400, answer });
    const user2 = await peers.startPhone({ user: 'user2', toneHz: 700, answer });
    return { ...peers, user1, user2 };
  } catch (error) {
    await peers.stop();
    throw error;
  }
}
