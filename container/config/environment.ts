/** An environment variable, the key that it sets and how its text becomes a value of that key. */
export interface Variable {
  readonly name: string;
  readonly key: string;
  readonly parse: (text: string) => unknown;
}

// A text that does not parse stays as it is: the schema then reports what was expected and found.
const text = (value: string): unknown => value;
const integer = (value: string): unknown => (/^\d{1,9}$/.test(value) ? Number(value) : value);
const flag = (value: string): unknown => (value === 'true' || value === 'false' ? value === 'true' : value);
const list = (value: string): unknown => value.split(',').map((item) => item.trim());

/** All variables except SIPXREST_PLUGINS, which has no key. */
export const variables: readonly Variable[] = [
  { name: 'SIPXREST_IP_ADDRESS', key: 'ipAddress', parse: text },
  { name: 'SIPXREST_ADVERTISED_ADDRESS', key: 'advertisedAddress', parse: text },
  { name: 'SIPXREST_HTTP_PORT', key: 'httpPort', parse: integer },
  { name: 'SIPXREST_WEB_PORT', key: 'webPort', parse: integer },
  { name: 'SIPXREST_WEB_ORIGINS', key: 'webOrigins', parse: list },
  { name: 'SIPXREST_WEB_HOSTS', key: 'webHosts', parse: list },
  { name: 'SIPXREST_PUBLIC_HTTP_PORT', key: 'publicHttpPort', parse: integer },
  { name: 'SIPXREST_SIP_PORT', key: 'sipPort', parse: integer },
  { name: 'SIPXREST_SIP_TLS_PORT', key: 'sipTlsPort', parse: integer },
  { name: 'SIPXREST_SIPX_PROXY_DOMAIN', key: 'sipxProxyDomain', parse: text },
  { name: 'SIPXREST_SIP_PROXY', key: 'sipProxy', parse: text },
  { name: 'SIPXREST_ONLY_THROUGH_PROXY', key: 'onlyThroughProxy', parse: flag },
  { name: 'SIPXREST_RESOLVER', key: 'resolver', parse: list },
  { name: 'SIPXREST_REALM', key: 'realm', parse: text },
  { name: 'SIPXREST_SIP_REALMS', key: 'sipRealms', parse: list },
  { name: 'SIPXREST_USERS', key: 'users', parse: text },
  { name: 'SIPXREST_PLUGIN_DIR', key: 'pluginDir', parse: text },
  { name: 'SIPXREST_DATA_DIR', key: 'dataDir', parse: text },
  { name: 'SIPXREST_REQUIRED_PLUGINS', key: 'requiredPlugins', parse: list },
  { name: 'SIPXREST_PLUGIN_TIMEOUT_MS', key: 'pluginTimeoutMs', parse: integer },
  { name: 'SIPXREST_TLS_KEY', key: 'tls.key', parse: text },
  { name: 'SIPXREST_TLS_CERT', key: 'tls.cert', parse: text },
  { name: 'SIPXREST_TLS_CA', key: 'tls.ca', parse: text },
  { name: 'SIPXREST_LDAP_URL', key: 'ldap.url', parse: text },
  { name: 'SIPXREST_LDAP_BASE', key: 'ldap.base', parse: text },
  { name: 'SIPXREST_LDAP_ATTRIBUTE', key: 'ldap.attribute', parse: text },
  { name: 'SIPXREST_LDAP_BIND_DN', key: 'ldap.bindDn', parse: text },
  { name: 'SIPXREST_LDAP_BIND_PASSWORD', key: 'ldap.bindPassword', parse: text },
  { name: 'SIPXREST_LDAP_START_TLS', key: 'ldap.startTls', parse: flag },
  { name: 'SIPXREST_LDAP_CA', key: 'ldap.ca', parse: text },
  { name: 'SIPXREST_INSIDE_TLS', key: 'insideTls', parse: flag },
  { name: 'SIPXREST_INSIDE_NETWORKS', key: 'insideNetworks', parse: list },
  { name: 'SIPXREST_REQUEST_TIMEOUT_MS', key: 'requestTimeoutMs', parse: integer },
  { name: 'SIPXREST_DRAIN_SECONDS', key: 'drainSeconds', parse: integer },
  { name: 'SIPXREST_DRAIN', key: 'drain', parse: flag },
  { name: 'SIPXREST_REDIS', key: 'redis', parse: text },
  { name: 'SIPXREST_LIMITS_CALLS_PER_SECOND', key: 'limits.callsPerSecond', parse: integer },
  { name: 'SIPXREST_LIMITS_CALLS_PER_SECOND_PER_AGENT', key: 'limits.callsPerSecondPerAgent', parse: integer },
  { name: 'SIPXREST_LIMITS_CALLS_IN_SETUP', key: 'limits.callsInSetup', parse: integer },
  { name: 'SIPXREST_LIMITS_CALLS_HELD', key: 'limits.callsHeld', parse: integer },
  { name: 'SIPXREST_LIMITS_RECORDS_KEPT', key: 'limits.recordsKept', parse: integer },
  { name: 'SIPXREST_LIMITS_EVENT_LOOP_DELAY_MS', key: 'limits.eventLoopDelayMs', parse: integer },
  { name: 'SIPXREST_LOG_LEVEL', key: 'logLevel', parse: text },
  { name: 'SIPXREST_SIP_T1_MS', key: 'sipT1Ms', parse: integer },
];

export const pluginsVariable: Variable = { name: 'SIPXREST_PLUGINS', key: 'plugins', parse: list };

/** The value of a variable; `undefined` also where it is set to nothing, as shells and container files do. */
export function valueOf(variable: Variable, env: NodeJS.ProcessEnv): unknown {
  const value = env[variable.name];
  return value === undefined || value === '' ? undefined : variable.parse(value);
}
