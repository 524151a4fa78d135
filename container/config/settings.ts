import { z } from 'zod';
import { parseRedisAddress } from '../cluster/redis-address.js';
import { limits, withDefaults } from './limits.js';
import {
  isAdvertisedAddress,
  isBindableAddress,
  isFilePath,
  isHostName,
  isLdaps,
  isLdapUrl,
  isNetwork,
  isOrigin,
  isPluginName,
  isRealm,
  isResolver,
  isSipUri,
  isUnspecified,
} from './values.js';

// Every message below is what an error line says after "expected".
const text = (expected: string, test: (value: string) => boolean) => z.string(expected).refine(test, expected);
const integer = (expected: string, least: number, most: number) =>
  z.int(expected).min(least, expected).max(most, expected);
const notEmpty = (value: string): boolean => value !== '';

const port = integer('a port, an integer from 0 to 65535', 0, 65535);
const pemFile = text('the path of a PEM file', isFilePath);
const folders = 'folders, separated by ":" or as a list';
const realm = text('a realm of 1 to 255 characters without quotes, backslashes and control characters', isRealm);
const origins = 'a list of origins such as https://crm.example.com';
const hosts = 'a list of host names';
const network = text('a network such as 10.0.0.0/8, or an address', isNetwork).transform((found) =>
  found.includes('/') ? found : `${found}/${found.includes(':') ? 128 : 32}`,
);
const redis = 'redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss://… or redis+sentinel://HOST[:PORT],…/NAME[/DB]';
const pluginName = text('a plugin name', isPluginName);

/** One, or a list in which a bad entry is named. */
const resolver = z
  .union([z.string(), z.array(z.string())], 'the address of a DNS server, or a list of them')
  .superRefine((value, context) => {
    const bad = [value].flat().findIndex((server) => !isResolver(server));
    const message = 'the address of a DNS server such as 192.0.2.53:53';
    if (bad >= 0) context.addIssue({ code: 'custom', message, path: Array.isArray(value) ? [bad] : [] });
  })
  .transform((value) => [value].flat());

const tls = z.strictObject(
  { key: pemFile.optional(), cert: pemFile.optional(), ca: pemFile.optional() },
  'an object with key, cert and ca',
);

const ldap = z.strictObject(
  {
    url: text('ldap://HOST[:PORT] or ldaps://HOST[:PORT]', isLdapUrl),
    base: text('the DN under which users are searched', notEmpty),
    attribute: text('the name of an LDAP attribute', (value) => /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(value)).default(
      'uid',
    ),
    bindDn: text('the DN that searches', notEmpty).optional(),
    bindPassword: text('the password of bindDn', notEmpty).optional(),
    startTls: z.boolean('true or false').optional(),
    ca: pemFile.optional(),
  },
  'an object with url, base, attribute, bindDn, bindPassword, startTls and ca',
);

/** Browsers and `fetch` refuse ports 6665 to 6669, among them the default of `httpPort`. */
const DEFAULT_WEB_PORT = 6680;

/** The keys of the configuration, with their checks and defaults. */
export const settingsShape = {
  ipAddress: text('an IP address of this host, not a host name', isBindableAddress).default('127.0.0.1'),
  advertisedAddress: text(
    'an IP address that others can reach, not a host name or 0.0.0.0',
    isAdvertisedAddress,
  ).optional(),
  httpPort: port.default(6667),
  webPort: port.optional(),
  webOrigins: z
    .array(text('an origin such as https://crm.example.com', isOrigin), origins)
    .transform((list) => list.map((origin) => new URL(origin).origin))
    .default([]),
  webHosts: z.array(text('a host name', isHostName), hosts).default([]),
  publicHttpPort: port.default(8443),
  sipPort: port.default(6050),
  sipTlsPort: port.default(0),
  sipxProxyDomain: text('a host name', isHostName),
  sipProxy: text('a SIP URI such as sip:proxy.example.com:5060', isSipUri).optional(),
  onlyThroughProxy: z.boolean('true or false').default(false),
  resolver: resolver.default([]),
  realm: realm.optional(),
  sipRealms: z.array(realm, 'a list of realms').default([]),
  users: text('the path of a JSON or XML file', isFilePath),
  pluginDir: z
    .union([z.string(), z.array(z.string())], folders)
    .transform((paths) => (typeof paths === 'string' ? paths.split(':') : paths))
    .refine((paths) => paths.every((path) => isFilePath(path)), folders)
    .default([]),
  dataDir: text('the path of a folder', isFilePath).default('data'),
  plugins: z
    .record(
      pluginName,
      z.union([z.literal(false), z.record(z.string(), z.unknown())], "an object of the plugin's settings, or false"),
      'an object, plugin name to settings or false',
    )
    .default({}),
  requiredPlugins: z.array(pluginName, 'a list of plugin names').default([]),
  pluginTimeoutMs: integer('milliseconds, an integer from 100 to 600000', 100, 600_000).default(10_000),
  tls: tls.default({}),
  ldap: ldap.optional(),
  insideTls: z.boolean('true or false').default(false),
  insideNetworks: z.array(network, 'a list of networks such as 10.0.0.0/8').optional(),
  requestTimeoutMs: integer('milliseconds, an integer from 100 to 3600000', 100, 3_600_000).default(30_000),
  drainSeconds: integer('seconds, an integer from 0 to 86400', 0, 86_400).default(30),
  drain: z.boolean('true or false').default(false),
  redis: text(redis, (value) => parseRedisAddress(value) !== undefined).optional(),
  limits: limits.default({}),
  logLevel: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'one of fatal, error, warn, info, debug, trace, silent',
    )
    .default('info'),
  sipT1Ms: integer('milliseconds, an integer from 10 to 5000', 10, 5000).default(500),
};

/** The keys of the configuration, or of the object `tls`, `ldap` or `limits` in it. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(settingsShape);
  const inner = { tls, ldap, limits }[String(path[0])];
  return inner === undefined ? [] : Object.keys(inner.shape);
}

/** Names of the plugins to load, from the environment only. */
export const pluginNamesSchema = z.array(pluginName);

/** Checks each key by itself; {@link conflictsOf} finds conflicts between keys. */
export const settingsSchema = z
  .strictObject(settingsShape, 'an object of settings')
  .transform(({ ldap: directory, ...settings }) => ({
    ...settings,
    advertisedAddress: settings.advertisedAddress ?? settings.ipAddress,
    webPort: settings.webPort ?? DEFAULT_WEB_PORT,
    /** If not, the container starts without the web listener when the port is in use. */
    isWebPortChosen: settings.webPort !== undefined,
    realm: settings.realm ?? settings.sipxProxyDomain,
    limits: withDefaults(settings.limits),
    insideNetworks: settings.insideNetworks ?? ownHost(settings),
    redis: settings.redis === undefined ? undefined : parseRedisAddress(settings.redis),
    ldap: directory && { ...directory, startTls: directory.startTls ?? !isLdaps(directory.url) },
  }));

/** The checked configuration. File and folder paths are absolute. */
export type Settings = Readonly<z.output<typeof settingsSchema>> & {
  /** The only plugins to load (SIPXREST_PLUGINS). Ask `isPluginEnabled`. */
  readonly pluginNames?: readonly string[];
  /** Whether this is one of several processes that share the HTTP ports. */
  readonly isWorker?: boolean;
  /** The file that was read, if one was. */
  readonly configFile?: string | undefined;
  /** Where plugins may be installed as npm packages, there and above: absolute paths of folders. */
  readonly packageFolders: readonly string[];
};

function ownHost({
  ipAddress,
  advertisedAddress = ipAddress,
}: {
  readonly ipAddress: string;
  readonly advertisedAddress?: string | undefined;
}): string[] {
  const addresses = [...new Set([ipAddress, advertisedAddress])].filter((address) => !isUnspecified(address));
  return ['127.0.0.0/8', '::1/128', ...addresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`)];
}
