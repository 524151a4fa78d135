import { URI, UserAgent, type UserAgentDelegate } from 'sip.js';
import type { Log } from '../../sdk/index.js';
import { SilentDescription } from './session-description.js';
import type { TelephoneSettings } from './settings.js';
import { UdpTransport, type UdpTransportOptions } from './udp-transport.js';

export interface UserAgentOptions {
  readonly telephone: TelephoneSettings;
  readonly domain: string;
  readonly transportOptions: UdpTransportOptions;
  readonly delegate: UserAgentDelegate;
  readonly log: Log;
}

/** Nobody rings for longer than this: a caller that vanished must not hold a telephone for ever. */
const longestRingSeconds = 7200;
/** Longest text in a log line, in characters: SIP.js quotes what has come from the network. */
const longestLogText = 300;

/** The SIP.js user agent of a telephone. Its Contact is in the domain, whose proxy knows where the telephone listens. */
export function createUserAgent({ telephone, domain, transportOptions, delegate, log }: UserAgentOptions): UserAgent {
  const { userName, password } = telephone;
  return new UserAgent({
    uri: new URI('sip', userName, domain),
    viaHost: domain.toLowerCase(),
    forceRport: true,
    contactName: userName,
    contactParams: { transport: 'udp' },
    authorizationUsername: userName,
    authorizationPassword: password,
    transportConstructor: UdpTransport,
    transportOptions,
    sessionDescriptionHandlerFactory: () => new SilentDescription(transportOptions.proxy.address),
    delegate,
    noAnswerTimeout: longestRingSeconds,
    // The telephone decides when it rings, and hangs up its calls itself before it stops.
    sendInitialProvisionalResponse: false,
    gracefulShutdown: false,
    logBuiltinEnabled: false,
    logConfiguration: false,
    logConnector: (level, category, _label, content) => {
      if (level !== 'warn' && level !== 'error') return;
      log.debug('sandbox telephone', { userName, text: `${category}: ${content}`.slice(0, longestLogText) });
    },
  });
}

/**
 * Reads a URI that a telephone is to send to, without its header fields. `undefined`: the URI is invalid.
 * SIP.js answers a challenge for the URI with its host in lower case, so the Request-URI has to be written in that way too.
 */
export function readTarget(text: string): URI | undefined {
  const uri = UserAgent.makeURI(text);
  uri?.clearHeaders();
  return uri && UserAgent.makeURI(uri.toString());
}
