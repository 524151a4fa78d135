/** Where Redis is, and who connects. */
export interface RedisAddress {
  /** One server, or the Sentinels that know which one it is. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Name by which the Sentinels know the server; undefined if there are none. */
  readonly sentinelName: string | undefined;
  readonly isTls: boolean;
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;
const ADDRESS = /^redis(s?)(\+sentinel)?:\/\/(?:([^/?#@]*)@)?([^/?#@]+)(?:\/([^?#]*))?$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?$/i;

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://…` over TLS, or
 * `redis+sentinel://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]/NAME[/DB]`. Undefined if the text is none of these.
 */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const [match, secure = '', sentinel = '', credentials, hostList = '', path = ''] = ADDRESS.exec(text) ?? [];
  if (match === undefined) return undefined;
  const isSentinel = sentinel !== '';
  const hosts = hostList.split(',').map((host) => parseHost(host, isSentinel ? SENTINEL_PORT : REDIS_PORT));
  const parts = path.split('/');
  const sentinelName = isSentinel ? decoded(parts.shift()) : undefined;
  const [database = ''] = parts;
  const account = credentials === undefined ? {} : parseCredentials(credentials);
  const isWhole = hosts.every((host) => host !== undefined) && (isSentinel || hosts.length === 1);
  if (!isWhole || !account || parts.length > 1 || !/^\d{0,4}$/.test(database)) return undefined;
  if (isSentinel && !/^[\w.-]{1,64}$/.test(sentinelName ?? '')) return undefined;
  return {
    hosts,
    sentinelName,
    isTls: secure !== '',
    userName: account.userName,
    password: account.password,
    database: Number(database),
  };
}

function parseHost(text: string, defaultPort: number): { host: string; port: number } | undefined {
  const [, host, port] = HOST.exec(text) ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host: host.replaceAll(/[[\]]/g, ''), port: number };
}

/** `USER:PASSWORD`, or `:PASSWORD` of the default user. */
function parseCredentials(text: string): Partial<Pick<RedisAddress, 'userName' | 'password'>> | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const userName = decoded(text.slice(0, colon));
  const password = decoded(text.slice(colon + 1));
  if (userName === undefined || password === undefined) return undefined;
  return { ...(userName !== '' && { userName }), password };
}

function decoded(text = ''): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
