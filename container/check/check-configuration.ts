import { SecretKeeper } from '../accounts/secret-keeper.js';
import { Snapshot } from '../accounts/snapshot.js';
import { readUsers } from '../accounts/read-users.js';
import { ConfigurationError, type Problem } from '../config/errors.js';
import { type LoadOptions, type Reading, readSettings } from '../config/load.js';
import { readKeyPair } from '../security/certificates.js';
import { sipIdentity } from '../security/tls.js';
import { checkAddress, checkPorts } from './check-ports.js';
import { checkLdap, checkProxy } from './check-servers.js';
import { checkPlugins } from './check-plugins.js';
import type { Verdict } from './verdict.js';

/** The keys that a check needs: with a fault in one of them the check is skipped. */
interface Check {
  readonly keys: readonly string[];
  readonly run: (reading: Reading) => Promise<Partial<Verdict>>;
}

const FILES: readonly Check[] = [
  { keys: ['users'], run: checkUsers },
  { keys: ['tls'], run: checkCertificates },
  { keys: ['plugins', 'pluginDir', 'requiredPlugins'], run: checkPlugins },
];

const ADDRESS: Check = { keys: ['ipAddress'], run: checkAddress };

const NETWORK: readonly Check[] = [
  { keys: ['ipAddress'], run: checkPorts },
  { keys: ['ipAddress', 'advertisedAddress', 'sipxProxyDomain', 'sipProxy', 'resolver', 'tls'], run: checkProxy },
  { keys: ['ldap', 'tls'], run: checkLdap },
];

/** All faults of a configuration and of the files that it names. Nothing is opened. */
export function faultsOf(options: LoadOptions): Promise<Verdict> {
  return verdictOf(options, FILES);
}

/** As `faultsOf`, and asks the network for what the configuration names: addresses, ports, the proxy, the directory of the passwords. */
export async function checkConfiguration(options: LoadOptions): Promise<Verdict> {
  const verdict = await verdictOf(options, [...FILES, ADDRESS]);
  // Without an address nobody can be asked.
  if (verdict.problems.some(({ key }) => key === 'ipAddress')) return verdict;
  const network = await verdictOf(options, NETWORK);
  const isKnown = (problem: Problem): boolean => verdict.problems.some(({ key }) => key === problem.key);
  return {
    problems: [...verdict.problems, ...network.problems.filter((problem) => !isKnown(problem))],
    warnings: [...verdict.warnings, ...network.warnings],
  };
}

async function verdictOf(options: LoadOptions, checks: readonly Check[]): Promise<Verdict> {
  let reading: Reading;
  try {
    reading = readSettings(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return { problems: error.problems, warnings: [] };
    throw error;
  }
  const faulty = new Set(reading.problems.map(({ key }) => /^[^.[]*/.exec(key)?.[0] ?? ''));
  const possible = checks.filter(({ keys }) => !keys.some((key) => faulty.has(key)));
  const found = await Promise.all(possible.map(({ run }) => run(reading)));
  return {
    problems: [...reading.problems, ...found.flatMap(({ problems = [] }) => problems)],
    warnings: found.flatMap(({ warnings = [] }) => warnings),
  };
}

async function checkUsers({ settings }: Reading): Promise<Partial<Verdict>> {
  const { users, realm, sipxProxyDomain: domain } = settings;
  return problemsOf(async () => {
    const { signal } = new AbortController();
    await Snapshot.of(readUsers(users, { realm, domain }, signal), new SecretKeeper(), users);
  });
}

async function checkCertificates({ settings: { tls } }: Reading): Promise<Partial<Verdict>> {
  const { key, cert, ca } = tls;
  const pair = key !== undefined && cert !== undefined ? await problemsOf(() => readKeyPair({ key, cert })) : {};
  const authorities = await problemsOf(() => sipIdentity(ca));
  return { problems: [...(pair.problems ?? []), ...(authorities.problems ?? [])] };
}

async function problemsOf(work: () => Promise<unknown>): Promise<Partial<Verdict>> {
  try {
    await work();
    return {};
  } catch (error) {
    if (error instanceof ConfigurationError) return { problems: error.problems };
    throw error;
  }
}
