import { expect } from 'chai';
import { join, relative } from 'node:path';
import { variables } from '../../../container/config/environment.js';
import { withDefaults } from '../../../container/config/limits.js';
import { loadSettings } from '../../../container/config/load.js';
import type { Settings } from '../../../container/config/settings.js';
import { Folder, fixture } from './folder.js';

const everything = {
  ipAddress: '192.0.2.10',
  advertisedAddress: '198.51.100.10',
  httpPort: 7667,
  webPort: 7680,
  isWebPortChosen: true,
  webOrigins: ['https://crm.example.com'],
  webHosts: ['pbx.example.org'],
  publicHttpPort: 7666,
  sipPort: 7050,
  sipTlsPort: 7051,
  sipxProxyDomain: 'example.com',
  sipProxy: 'sip:proxy.example.com:5060;transport=tcp',
  onlyThroughProxy: true,
  resolver: ['192.0.2.53', '[2001:db8::53]:5353'],
  realm: 'sipx.example.com',
  sipRealms: ['branch.example.com'],
  users: fixture('users/users.json'),
  pluginDir: [fixture('config/plugins')],
  dataDir: fixture('config/state'),
  plugins: { redirect: { callcontroller: 'http://192.0.2.11:6667' }, callcontroller: false },
  requiredPlugins: ['redirect'],
  pluginTimeoutMs: 5_000,
  packageFolders: [fixture('config'), process.cwd()],
  tls: { key: fixture('config/key.pem'), cert: fixture('config/cert.pem'), ca: fixture('config/ca.pem') },
  ldap: {
    url: 'ldap://ldap.example.com:389',
    base: 'ou=people,dc=example,dc=com',
    attribute: 'mail',
    bindDn: 'cn=reader,dc=example,dc=com',
    bindPassword: 'of-the-reader',
    startTls: true,
    ca: fixture('config/ca.pem'),
  },
  insideTls: true,
  insideNetworks: ['10.0.0.0/8', 'fd00::/8'],
  requestTimeoutMs: 20_000,
  drainSeconds: 60,
  drain: true,
  redis: {
    hosts: [{ host: 'redis.example.com', port: 6380 }],
    sentinelName: undefined,
    isTls: true,
    userName: 'sipxrest',
    password: 'of-redis',
    database: 1,
  },
  limits: {
    callsPerSecond: 100,
    callsPerSecondPerAgent: 20,
    callsInSetup: 500,
    callsHeld: 400,
    recordsKept: 5_000,
    eventLoopDelayMs: 200,
  },
  logLevel: 'debug',
  sipT1Ms: 250,
};

const users = fixture('users/users.json');
const required = { SIPXREST_SIPX_PROXY_DOMAIN: 'example.com', SIPXREST_USERS: users };

describe('Loading the configuration', () => {
  let folder: Folder;

  beforeEach(() => {
    folder = new Folder();
  });

  afterEach(() => {
    folder.remove();
  });

  it('takes every key from a JSON file', () => {
    const configFile = fixture('config/sipxrest.json');
    expect(loadSettings({ configFile, env: {} })).to.deep.equal({ ...everything, configFile });
  });

  it('takes every key from a YAML file', () => {
    const configFile = fixture('config/sipxrest.yaml');
    expect(loadSettings({ configFile, env: {} })).to.deep.equal({ ...everything, configFile });
  });

  it('takes the elements of a sipXecs file that it knows and ignores the others', () => {
    const settings = loadSettings({
      configFile: fixture('config/sipxrest-config.xml'),
      env: { SIPXREST_USERS: users },
    });
    expect(settings).to.include({
      ipAddress: '192.0.2.10',
      httpPort: 6667,
      publicHttpPort: 6666,
      sipPort: 6050,
      sipxProxyDomain: 'example.com',
      logLevel: 'info',
    });
  });

  for (const [severity, level] of [
    ['DEBUG', 'debug'],
    ['INFO', 'info'],
    ['NOTICE', 'info'],
    ['WARNING', 'warn'],
    ['ERR', 'error'],
    ['CRIT', 'fatal'],
    ['ALERT', 'fatal'],
    ['EMERG', 'fatal'],
  ] as const) {
    it(`logs at ${level} if sipXecs says ${severity}`, () => {
      const configFile = folder.write(
        'sipxrest-config.xml',
        `<rest-config><log-level>${severity}</log-level></rest-config>`,
      );
      expect(loadSettings({ configFile, env: required }).logLevel).to.equal(level);
    });
  }

  it('falls back on the documented defaults', () => {
    expect(loadSettings({ env: required })).to.deep.equal({
      ipAddress: '127.0.0.1',
      advertisedAddress: '127.0.0.1',
      httpPort: 6667,
      webPort: 6680,
      isWebPortChosen: false,
      webOrigins: [],
      webHosts: [],
      publicHttpPort: 8443,
      sipPort: 6050,
      sipTlsPort: 0,
      sipxProxyDomain: 'example.com',
      onlyThroughProxy: false,
      resolver: [],
      realm: 'example.com',
      sipRealms: [],
      users,
      pluginDir: [],
      dataDir: join(process.cwd(), 'data'),
      plugins: {},
      requiredPlugins: [],
      pluginTimeoutMs: 10_000,
      packageFolders: [process.cwd()],
      configFile: undefined,
      tls: {},
      ldap: undefined,
      redis: undefined,
      insideTls: false,
      insideNetworks: ['127.0.0.0/8', '::1/128', '127.0.0.1/32'],
      requestTimeoutMs: 30_000,
      drainSeconds: 30,
      drain: false,
      limits: withDefaults({}),
      logLevel: 'info',
      sipT1Ms: 500,
    });
  });

  it('takes every key but the settings of plugins from the environment', () => {
    const environment = {
      ...required,
      SIPXREST_IP_ADDRESS: '192.0.2.10',
      SIPXREST_ADVERTISED_ADDRESS: '198.51.100.10',
      SIPXREST_HTTP_PORT: '7667',
      SIPXREST_WEB_PORT: '7680',
      SIPXREST_WEB_ORIGINS: 'https://crm.example.com',
      SIPXREST_WEB_HOSTS: 'pbx.example.org',
      SIPXREST_PUBLIC_HTTP_PORT: '7666',
      SIPXREST_SIP_PORT: '7050',
      SIPXREST_SIP_TLS_PORT: '7051',
      SIPXREST_SIP_PROXY: 'sip:proxy.example.com:5060;transport=tcp',
      SIPXREST_ONLY_THROUGH_PROXY: 'true',
      SIPXREST_RESOLVER: '192.0.2.53, [2001:db8::53]:5353',
      SIPXREST_REALM: 'sipx.example.com',
      SIPXREST_SIP_REALMS: 'branch.example.com',
      SIPXREST_PLUGIN_DIR: fixture('config/plugins'),
      SIPXREST_DATA_DIR: fixture('config/state'),
      SIPXREST_REQUIRED_PLUGINS: 'redirect',
      SIPXREST_PLUGIN_TIMEOUT_MS: '5000',
      SIPXREST_TLS_KEY: fixture('config/key.pem'),
      SIPXREST_TLS_CERT: fixture('config/cert.pem'),
      SIPXREST_TLS_CA: fixture('config/ca.pem'),
      SIPXREST_LDAP_URL: 'ldap://ldap.example.com:389',
      SIPXREST_LDAP_BASE: 'ou=people,dc=example,dc=com',
      SIPXREST_LDAP_ATTRIBUTE: 'mail',
      SIPXREST_LDAP_BIND_DN: 'cn=reader,dc=example,dc=com',
      SIPXREST_LDAP_BIND_PASSWORD: 'of-the-reader',
      SIPXREST_LDAP_START_TLS: 'true',
      SIPXREST_LDAP_CA: fixture('config/ca.pem'),
      SIPXREST_INSIDE_TLS: 'true',
      SIPXREST_INSIDE_NETWORKS: '10.0.0.0/8, fd00::/8',
      SIPXREST_REQUEST_TIMEOUT_MS: '20000',
      SIPXREST_DRAIN_SECONDS: '60',
      SIPXREST_DRAIN: 'true',
      SIPXREST_REDIS: 'rediss://sipxrest:of-redis@redis.example.com:6380/1',
      SIPXREST_LIMITS_CALLS_PER_SECOND: '100',
      SIPXREST_LIMITS_CALLS_PER_SECOND_PER_AGENT: '20',
      SIPXREST_LIMITS_CALLS_IN_SETUP: '500',
      SIPXREST_LIMITS_CALLS_HELD: '400',
      SIPXREST_LIMITS_RECORDS_KEPT: '5000',
      SIPXREST_LIMITS_EVENT_LOOP_DELAY_MS: '200',
      SIPXREST_LOG_LEVEL: 'debug',
      SIPXREST_SIP_T1_MS: '250',
    };
    expect(Object.keys(environment)).to.have.members(variables.map(({ name }) => name));
    const packageFolders = [process.cwd()];
    expect(loadSettings({ env: environment })).to.deep.equal({
      ...everything,
      plugins: {},
      packageFolders,
      configFile: undefined,
    });
  });

  it('takes an address in insideNetworks for a network of one host', () => {
    const { insideNetworks } = loadSettings({
      env: { ...required, SIPXREST_INSIDE_NETWORKS: '192.0.2.10,2001:db8::1,10.0.0.0/8' },
    });
    expect(insideNetworks).to.deep.equal(['192.0.2.10/32', '2001:db8::1/128', '10.0.0.0/8']);
  });

  it('prefers the environment to the file, key by key, also inside tls and ldap', () => {
    const settings = loadSettings({
      configFile: fixture('config/sipxrest.json'),
      env: { SIPXREST_HTTP_PORT: '0', SIPXREST_TLS_CA: users, SIPXREST_LDAP_BASE: 'dc=org', SIPXREST_LOG_LEVEL: '' },
    });
    expect(settings).to.deep.equal({
      ...everything,
      configFile: fixture('config/sipxrest.json'),
      httpPort: 0,
      tls: { ...everything.tls, ca: users },
      ldap: { ...everything.ldap, base: 'dc=org' },
    });
  });

  it("takes relative paths of the file from the file's folder and those of the environment from the working directory", () => {
    folder.write('own.json', '[]');
    const configFile = folder.write('sipxrest.yaml', 'sipxProxyDomain: example.com\nusers: own.json\npluginDir: .\n');
    expect(loadSettings({ configFile, env: {} })).to.include({ users: `${folder.path}/own.json` });
    expect(loadSettings({ configFile, env: {} }).pluginDir).to.deep.equal([folder.path]);
    expect(loadSettings({ configFile: relative(process.cwd(), configFile), env: {} }).users).to.equal(
      `${folder.path}/own.json`,
    );

    const env = { SIPXREST_USERS: relative(process.cwd(), users), SIPXREST_PLUGIN_DIR: '.:test' };
    expect(loadSettings({ configFile, env })).to.include({ users });
    expect(loadSettings({ configFile, env }).pluginDir).to.deep.equal([process.cwd(), `${process.cwd()}/test`]);
  });

  it('takes an empty YAML file for one without settings', () => {
    const configFile = folder.write('sipxrest.yml', '# nothing yet\n');
    expect(loadSettings({ configFile, env: required }).httpPort).to.equal(6667);
  });

  it('encrypts the connection to an LDAP server unless configured otherwise', () => {
    expect(ldapOf('ldap://127.0.0.1')).to.include({ startTls: true, attribute: 'uid' });
    expect(ldapOf('ldaps://127.0.0.1')).to.include({ startTls: false });
    expect(ldapOf('ldap://127.0.0.1', { SIPXREST_LDAP_START_TLS: 'false' })).to.include({ startTls: false });
  });

  it('lets in the own host only, unless other networks are named', () => {
    expect(networksAt('192.0.2.1')).to.deep.equal(['127.0.0.0/8', '::1/128', '192.0.2.1/32']);
    expect(networksAt('2001:db8::1')).to.deep.equal(['127.0.0.0/8', '::1/128', '2001:db8::1/128']);
    const behindNat = { SIPXREST_ADVERTISED_ADDRESS: '198.51.100.1' };
    expect(networksAt('0.0.0.0', behindNat)).to.deep.equal(['127.0.0.0/8', '::1/128', '198.51.100.1/32']);
  });
});

function ldapOf(url: string, more: NodeJS.ProcessEnv = {}): Settings['ldap'] {
  return loadSettings({ env: { ...required, SIPXREST_LDAP_URL: url, SIPXREST_LDAP_BASE: 'dc=org', ...more } }).ldap;
}

function networksAt(ipAddress: string, env: NodeJS.ProcessEnv = {}): readonly string[] {
  return loadSettings({ env: { ...required, SIPXREST_IP_ADDRESS: ipAddress, ...env } }).insideNetworks;
}
