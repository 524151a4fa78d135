import type { Reading } from '../config/load.js';
import { createLog } from '../log.js';
import { LdapLogin } from '../security/ldap-login.js';
import { openCertificates, sipIdentity } from '../security/tls.js';
import { SipStack } from '../sip/stack.js';
import { messageOf } from '../message-of.js';
import type { Verdict } from './verdict.js';

/** Short, so that a dead proxy is reported after 64*T1 = 3.2 s. */
const T1_MS = 50;
const USER = 'sipxrest';

/** Asks the proxy of the domain for OPTIONS: any answer will do. */
export async function checkProxy({ settings, sourceOf }: Reading): Promise<Partial<Verdict>> {
  const { ipAddress, advertisedAddress, sipxProxyDomain: domain, sipProxy, resolver, sipTlsPort, tls } = settings;
  const log = createLog('silent');
  const certificates = sipTlsPort === 0 ? undefined : await openCertificates(settings, log);
  try {
    const stack = await SipStack.open({
      host: ipAddress,
      advertisedHost: advertisedAddress,
      port: 0,
      tls: certificates && { port: 0, identity: (await sipIdentity(tls.ca))(certificates.current) },
      t1Ms: T1_MS,
      domain,
      proxy: sipProxy,
      resolvers: resolver,
      log,
      secretOf: () => undefined,
    });
    const sip = stack.forPlugin(USER, log);
    const uri = `sip:${domain}`;
    const answer = await sip.request({ method: 'OPTIONS', uri, from: { uri: `sip:${USER}@${domain}` }, to: uri });
    await sip.close();
    await stack.close();
    if (!answer.local) return {};
    const key = sipProxy === undefined ? 'sipxProxyDomain' : 'sipProxy';
    const source = sourceOf([key], sipProxy ?? domain);
    const found = `no answer from ${sipProxy ?? domain} (${answer.status} ${answer.reason})`;
    return { warnings: [{ key, source, expected: 'a proxy that answers OPTIONS', found }] };
  } finally {
    await certificates?.close();
  }
}

/** Searches the directory that knows the passwords, as a login does. */
export async function checkLdap({ settings: { ldap, tls }, sourceOf }: Reading): Promise<Partial<Verdict>> {
  if (!ldap) return {};
  const login = new LdapLogin(ldap, tls.ca, createLog('silent'));
  try {
    await login.probe();
    return {};
  } catch (error) {
    const source = sourceOf(['ldap', 'url'], ldap.url);
    const found = `an error (${messageOf(error)})`;
    return { warnings: [{ key: 'ldap.url', source, expected: 'a directory that can be searched', found }] };
  } finally {
    await login.close();
  }
}
