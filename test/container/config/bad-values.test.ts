import { expect } from 'chai';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../../container/config/errors.js';
import { loadSettings } from '../../../container/config/load.js';
import { Folder, fixture } from './folder.js';

const users = fixture('users/users.json');
const required = { SIPXREST_SIPX_PROXY_DOMAIN: 'example.com', SIPXREST_USERS: users };

const address = 'an IP address of this host, not a host name';
const toldAddress = 'an IP address that others can reach, or advertisedAddress beside it';
const port = 'a port, an integer from 0 to 65535';
const host = 'a host name';
const tlsPort = 'a port other than 0, because sipProxy is reached over TLS';
const sipUri = 'a SIP URI such as sip:proxy.example.com:5060';
const resolver = 'the address of a DNS server such as 192.0.2.53:53';
const realm = 'a realm of 1 to 255 characters without quotes, backslashes and control characters';
const folders = 'folders, separated by ":" or as a list';
const network = 'a network such as 10.0.0.0/8, or an address';
const ldapUrl = 'ldap://HOST[:PORT] or ldaps://HOST[:PORT]';
const level = 'one of fatal, error, warn, info, debug, trace, silent';
const t1 = 'milliseconds, an integer from 10 to 5000';
const pluginValue = "an object of the plugin's settings, or false";

/** The only line of a failed start. FILE and FOLDER stand for the configuration file and its folder. */
function failure(configFile: string | undefined, env: NodeJS.ProcessEnv, folder: string): string {
  try {
    loadSettings({ configFile, env });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { message, code } = error;
    expect(code).to.equal('SIPXREST_CONFIG_INVALID');
    expect(message).not.to.match(/[\n\r]/);
    return message
      .replaceAll(configFile ?? folder, configFile === undefined ? 'FOLDER' : 'FILE')
      .replaceAll(folder, 'FOLDER')
      .replaceAll(
        /\(FILE, line 1\)(?!: expected (?:JSON|YAML|one <|well-formed|no DTD|the root|elements|an element))/g,
        '(FILE)',
      );
  }
  throw new Error('the configuration was accepted');
}

const badEnvironments: [env: NodeJS.ProcessEnv, message: string][] = [
  [{ SIPXREST_IP_ADDRESS: 'localhost' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${address}, found "localhost"`],
  [{ SIPXREST_IP_ADDRESS: '0.0.0.0' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${toldAddress}, found "0.0.0.0"`],
  [{ SIPXREST_IP_ADDRESS: '::' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${toldAddress}, found "::"`],
  [{ SIPXREST_IP_ADDRESS: '::0' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${toldAddress}, found "::0"`],
  [{ SIPXREST_IP_ADDRESS: '192.0.2.256' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${address}, found "192.0.2.256"`],
  [{ SIPXREST_IP_ADDRESS: '[::1]' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${address}, found "[::1]"`],
  [
    { SIPXREST_IP_ADDRESS: 'fe80::1%eth0' },
    `ipAddress (SIPXREST_IP_ADDRESS): expected ${address}, found "fe80::1%eth0"`,
  ],
  [{ SIPXREST_IP_ADDRESS: ' 127.0.0.1' }, `ipAddress (SIPXREST_IP_ADDRESS): expected ${address}, found " 127.0.0.1"`],
  [
    { SIPXREST_ADVERTISED_ADDRESS: '0.0.0.0' },
    'advertisedAddress (SIPXREST_ADVERTISED_ADDRESS): expected an IP address that others can reach, not a host name or 0.0.0.0, found "0.0.0.0"',
  ],
  [
    { SIPXREST_ADVERTISED_ADDRESS: '2001:db8::1' },
    'advertisedAddress (SIPXREST_ADVERTISED_ADDRESS): expected an IPv4 address, as ipAddress is, found "2001:db8::1"',
  ],
  [{ SIPXREST_HTTP_PORT: 'abc' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found "abc"`],
  [{ SIPXREST_HTTP_PORT: '-1' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found "-1"`],
  [{ SIPXREST_HTTP_PORT: '65536' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found 65536`],
  [{ SIPXREST_HTTP_PORT: '1e3' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found "1e3"`],
  [{ SIPXREST_HTTP_PORT: '0x50' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found "0x50"`],
  [{ SIPXREST_HTTP_PORT: '80.5' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found "80.5"`],
  [{ SIPXREST_HTTP_PORT: ' ' }, `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found " "`],
  [{ SIPXREST_PUBLIC_HTTP_PORT: 'no' }, `publicHttpPort (SIPXREST_PUBLIC_HTTP_PORT): expected ${port}, found "no"`],
  [
    { SIPXREST_HTTP_PORT: '7000', SIPXREST_SIP_PORT: '7000' },
    'sipPort (SIPXREST_SIP_PORT): expected another port than that of httpPort, found 7000',
  ],
  [
    { SIPXREST_WEB_ORIGINS: 'https://crm.example.com/page' },
    'webOrigins[0] (SIPXREST_WEB_ORIGINS): expected an origin such as https://crm.example.com, found "https://crm.example.com/page"',
  ],
  [
    { SIPXREST_HTP_PORT: '7000' },
    'SIPXREST_HTP_PORT (environment): expected a documented variable, perhaps SIPXREST_HTTP_PORT, found an unknown one',
  ],
  [{ SIPXREST_SIP_PORT: '5060;' }, `sipPort (SIPXREST_SIP_PORT): expected ${port}, found "5060;"`],
  [{ SIPXREST_SIP_TLS_PORT: 'off' }, `sipTlsPort (SIPXREST_SIP_TLS_PORT): expected ${port}, found "off"`],
  [
    { SIPXREST_HTTP_PORT: '9'.repeat(100) },
    `httpPort (SIPXREST_HTTP_PORT): expected ${port}, found "${'9'.repeat(60)}…"`,
  ],
  [{ SIPXREST_SIPX_PROXY_DOMAIN: '' }, `sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN): expected ${host}, found nothing`],
  [
    { SIPXREST_SIPX_PROXY_DOMAIN: 'sip:example.com' },
    `sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN): expected ${host}, found "sip:example.com"`,
  ],
  [
    { SIPXREST_SIPX_PROXY_DOMAIN: 'a\r\nVia: x\u2028\u001b[0m' },
    String.raw`sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN): expected a host name, found "a\r\nVia: x\u2028\u001b[0m"`,
  ],
  [
    { SIPXREST_SIPX_PROXY_DOMAIN: '-a.example.com' },
    `sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN): expected ${host}, found "-a.example.com"`,
  ],
  [
    { SIPXREST_SIPX_PROXY_DOMAIN: '192.0.2.300' },
    `sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN): expected ${host}, found "192.0.2.300"`,
  ],
  [
    { SIPXREST_SIPX_PROXY_DOMAIN: 'example.com:5060' },
    `sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN): expected ${host}, found "example.com:5060"`,
  ],
  [
    { SIPXREST_SIP_PROXY: '127.0.0.1:5060' },
    `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "127.0.0.1:5060"`,
  ],
  [{ SIPXREST_SIP_PROXY: 'http://proxy' }, `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "http://proxy"`],
  [
    { SIPXREST_SIP_PROXY: 'sip:proxy:99999' },
    `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "sip:proxy:99999"`,
  ],
  [{ SIPXREST_SIP_PROXY: 'sip:a b' }, `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "sip:a b"`],
  [{ SIPXREST_SIP_PROXY: '<sip:proxy>' }, `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "<sip:proxy>"`],
  [{ SIPXREST_SIP_PROXY: 'sip:proxy?a=b' }, `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "sip:proxy?a=b"`],
  [
    { SIPXREST_SIP_PROXY: 'sip:me:secret@host:x' },
    `sipProxy (SIPXREST_SIP_PROXY): expected ${sipUri}, found "sip:***@host:x"`,
  ],
  [{ SIPXREST_SIP_PROXY: 'sips:proxy' }, `sipTlsPort (SIPXREST_SIP_TLS_PORT): expected ${tlsPort}, found nothing`],
  [
    { SIPXREST_SIP_PROXY: 'sip:proxy;lr;transport=TLS', SIPXREST_SIP_TLS_PORT: '0' },
    `sipTlsPort (SIPXREST_SIP_TLS_PORT): expected ${tlsPort}, found 0`,
  ],
  [{ SIPXREST_RESOLVER: 'localhost' }, `resolver[0] (SIPXREST_RESOLVER): expected ${resolver}, found "localhost"`],
  [{ SIPXREST_RESOLVER: '192.0.2.53,' }, `resolver[1] (SIPXREST_RESOLVER): expected ${resolver}, found ""`],
  [
    { SIPXREST_RESOLVER: '192.0.2.53:0' },
    `resolver[0] (SIPXREST_RESOLVER): expected ${resolver}, found "192.0.2.53:0"`,
  ],
  [
    { SIPXREST_RESOLVER: '192.0.2.53:65536' },
    `resolver[0] (SIPXREST_RESOLVER): expected ${resolver}, found "192.0.2.53:65536"`,
  ],
  [
    { SIPXREST_RESOLVER: '[192.0.2.53]:53' },
    `resolver[0] (SIPXREST_RESOLVER): expected ${resolver}, found "[192.0.2.53]:53"`,
  ],
  [{ SIPXREST_REALM: 'a"b' }, String.raw`realm (SIPXREST_REALM): expected ${realm}, found "a\"b"`],
  [{ SIPXREST_USERS: '' }, 'users (SIPXREST_USERS): expected the path of a JSON or XML file, found nothing'],
  [
    { SIPXREST_USERS: '/nowhere/users.json' },
    'users (SIPXREST_USERS): expected a readable file, found "/nowhere/users.json" (ENOENT)',
  ],
  [{ SIPXREST_USERS: '/' }, 'users (SIPXREST_USERS): expected a readable file, found "/" (not a file)'],
  [{ SIPXREST_PLUGIN_DIR: '/usr::/tmp' }, `pluginDir (SIPXREST_PLUGIN_DIR): expected ${folders}, found "/usr::/tmp"`],
  [
    { SIPXREST_PLUGIN_DIR: '/usr:/nowhere' },
    'pluginDir (SIPXREST_PLUGIN_DIR): expected a readable folder, found "/nowhere" (ENOENT)',
  ],
  [{ SIPXREST_PLUGINS: 'a,,b' }, 'plugins[1] (SIPXREST_PLUGINS): expected a plugin name, found ""'],
  [{ SIPXREST_PLUGINS: '../x' }, 'plugins[0] (SIPXREST_PLUGINS): expected a plugin name, found "../x"'],
  [{ SIPXREST_PLUGINS: '..' }, 'plugins[0] (SIPXREST_PLUGINS): expected a plugin name, found ".."'],
  [
    { SIPXREST_REQUIRED_PLUGINS: 'a b' },
    'requiredPlugins[0] (SIPXREST_REQUIRED_PLUGINS): expected a plugin name, found "a b"',
  ],
  [
    { SIPXREST_PLUGIN_TIMEOUT_MS: '5' },
    'pluginTimeoutMs (SIPXREST_PLUGIN_TIMEOUT_MS): expected milliseconds, an integer from 100 to 600000, found 5',
  ],
  [
    { SIPXREST_TLS_KEY: users },
    'tls.cert (SIPXREST_TLS_CERT): expected the path of a PEM file to go with tls.key, found nothing',
  ],
  [
    { SIPXREST_TLS_CERT: users },
    'tls.key (SIPXREST_TLS_KEY): expected the path of a PEM file to go with tls.cert, found nothing',
  ],
  [
    { SIPXREST_TLS_CA: '/nowhere.pem' },
    'tls.ca (SIPXREST_TLS_CA): expected a readable file, found "/nowhere.pem" (ENOENT)',
  ],
  [{ SIPXREST_LDAP_BASE: 'dc=org' }, `ldap.url (SIPXREST_LDAP_URL): expected ${ldapUrl}, found nothing`],
  [
    { SIPXREST_LDAP_URL: 'http://host', SIPXREST_LDAP_BASE: 'dc=org' },
    `ldap.url (SIPXREST_LDAP_URL): expected ${ldapUrl}, found "http://host"`,
  ],
  [
    { SIPXREST_LDAP_URL: 'ldap://me:secret@host', SIPXREST_LDAP_BASE: 'dc=org' },
    `ldap.url (SIPXREST_LDAP_URL): expected ${ldapUrl}, found "ldap:***@host"`,
  ],
  [
    { SIPXREST_LDAP_URL: 'ldap://host' },
    'ldap.base (SIPXREST_LDAP_BASE): expected the DN under which users are searched, found nothing',
  ],
  [
    { SIPXREST_LDAP_URL: 'ldap://host', SIPXREST_LDAP_BASE: 'dc=org', SIPXREST_LDAP_ATTRIBUTE: 'uid)(x=*' },
    'ldap.attribute (SIPXREST_LDAP_ATTRIBUTE): expected the name of an LDAP attribute, found "uid)(x=*"',
  ],
  [
    { SIPXREST_LDAP_URL: 'ldap://host', SIPXREST_LDAP_BASE: 'dc=org', SIPXREST_LDAP_BIND_DN: 'cn=reader' },
    'ldap.bindPassword (SIPXREST_LDAP_BIND_PASSWORD): expected the password of bindDn, found nothing',
  ],
  [
    { SIPXREST_LDAP_URL: 'ldap://host', SIPXREST_LDAP_BASE: 'dc=org', SIPXREST_LDAP_BIND_PASSWORD: 'secret' },
    'ldap.bindDn (SIPXREST_LDAP_BIND_DN): expected the DN of bindPassword, found nothing',
  ],
  [
    { SIPXREST_LDAP_URL: 'ldaps://host', SIPXREST_LDAP_BASE: 'dc=org', SIPXREST_LDAP_START_TLS: 'true' },
    'ldap.startTls (SIPXREST_LDAP_START_TLS): expected false, since ldaps:// is encrypted already, found true',
  ],
  [
    { SIPXREST_LDAP_URL: 'ldap://host', SIPXREST_LDAP_BASE: 'dc=org', SIPXREST_LDAP_START_TLS: 'yes' },
    'ldap.startTls (SIPXREST_LDAP_START_TLS): expected true or false, found "yes"',
  ],
  [{ SIPXREST_INSIDE_TLS: '1' }, 'insideTls (SIPXREST_INSIDE_TLS): expected true or false, found "1"'],
  [
    { SIPXREST_INSIDE_TLS: 'constructor' },
    'insideTls (SIPXREST_INSIDE_TLS): expected true or false, found "constructor"',
  ],
  [
    { SIPXREST_INSIDE_NETWORKS: '10.0.0.0/8,10.1.1' },
    `insideNetworks[1] (SIPXREST_INSIDE_NETWORKS): expected ${network}, found "10.1.1"`,
  ],
  [
    { SIPXREST_INSIDE_NETWORKS: '10.0.0.0/33' },
    `insideNetworks[0] (SIPXREST_INSIDE_NETWORKS): expected ${network}, found "10.0.0.0/33"`,
  ],
  [
    { SIPXREST_INSIDE_NETWORKS: 'fd00::/129' },
    `insideNetworks[0] (SIPXREST_INSIDE_NETWORKS): expected ${network}, found "fd00::/129"`,
  ],
  [{ SIPXREST_LOG_LEVEL: 'verbose' }, `logLevel (SIPXREST_LOG_LEVEL): expected ${level}, found "verbose"`],
  [{ SIPXREST_LOG_LEVEL: 'INFO' }, `logLevel (SIPXREST_LOG_LEVEL): expected ${level}, found "INFO"`],
  [{ SIPXREST_SIP_T1_MS: '9' }, `sipT1Ms (SIPXREST_SIP_T1_MS): expected ${t1}, found 9`],
  [{ SIPXREST_SIP_T1_MS: '5001' }, `sipT1Ms (SIPXREST_SIP_T1_MS): expected ${t1}, found 5001`],
];

const good = '"users": "users.json", "sipxProxyDomain": "example.com"';
const badFiles: [name: string, content: string, message: string][] = [
  ['c.json', `{ ${good}, "httpPort": "6667" }`, `httpPort (FILE): expected ${port}, found "6667"`],
  ['c.json', `{ ${good}, "httpPort": 6667.5 }`, `httpPort (FILE): expected ${port}, found 6667.5`],
  ['c.json', `{ ${good}, "httpPort": null }`, `httpPort (FILE): expected ${port}, found null`],
  ['c.json', `{ ${good}, "sipPort": [6050] }`, `sipPort (FILE): expected ${port}, found a list`],
  ['c.json', `{ ${good}, "resolver": "::1:x" }`, `resolver (FILE): expected ${resolver}, found "::1:x"`],
  [
    'c.json',
    `{ ${good}, "resolver": [53] }`,
    'resolver (FILE): expected the address of a DNS server, or a list of them, found a list',
  ],
  ['c.json', `{ ${good}, "insideTls": "true" }`, 'insideTls (FILE): expected true or false, found "true"'],
  [
    'c.json',
    `{ ${good}, "htpPort": 1 }`,
    'htpPort (FILE): expected a documented key, perhaps httpPort, found an unknown one',
  ],
  [
    'c.json',
    `{ ${good}, "sip-port": 1 }`,
    'sip-port (FILE): expected a documented key, perhaps sipPort, found an unknown one',
  ],
  ['c.json', `{ ${good}, "colour": 1 }`, 'colour (FILE): expected a documented key, found an unknown one'],
  ['c.json', `{ ${good}, "pluginNames": [] }`, 'pluginNames (FILE): expected a documented key, found an unknown one'],
  ['c.json', `{ ${good}, "__proto__": {} }`, '__proto__ (FILE): expected a documented key, found an unknown one'],
  ['c.json', `{ ${good}, "a\\nb": 1 }`, String.raw`a\u000ab (FILE): expected a documented key, found an unknown one`],
  [
    'c.json',
    '{ "users": "users.json", "sipxproxydomain": "example.com" }',
    'sipxproxydomain (FILE): expected a documented key, perhaps sipxProxyDomain, found an unknown one',
  ],
  [
    'c.json',
    '{ "users": "users.json" }',
    `sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN or FILE): expected ${host}, found nothing`,
  ],
  [
    'c.json',
    '{ "users": "none.json", "sipxProxyDomain": "example.com" }',
    'users (FILE): expected a readable file, found "FOLDER/none.json" (ENOENT)',
  ],
  ['c.json', `{ ${good}, "realm": "" }`, `realm (FILE): expected ${realm}, found ""`],
  ['c.json', `{ ${good}, "pluginDir": ["ok", ""] }`, `pluginDir (FILE): expected ${folders}, found a list`],
  ['c.json', `{ ${good}, "pluginDir": [5] }`, `pluginDir (FILE): expected ${folders}, found a list`],
  ['c.json', `{ ${good}, "pluginDir": 5 }`, `pluginDir (FILE): expected ${folders}, found 5`],
  [
    'c.json',
    `{ ${good}, "plugins": ["redirect"] }`,
    'plugins (FILE): expected an object, plugin name to settings or false, found a list',
  ],
  [
    'c.json',
    `{ ${good}, "plugins": { "redirect": true } }`,
    `plugins.redirect (FILE): expected ${pluginValue}, found true`,
  ],
  [
    'c.json',
    `{ ${good}, "plugins": { "redirect": [] } }`,
    `plugins.redirect (FILE): expected ${pluginValue}, found a list`,
  ],
  ['c.json', `{ ${good}, "plugins": { "a b": {} } }`, 'plugins.a b (FILE): expected a plugin name, found "a b"'],
  ['c.json', `{ ${good}, "tls": "key.pem" }`, 'tls (FILE): expected an object with key, cert and ca, found "key.pem"'],
  [
    'c.json',
    `{ ${good}, "tls": { "cart": "x.pem" } }`,
    'tls.cart (FILE): expected a documented key, perhaps cert, found an unknown one',
  ],
  [
    'c.json',
    `{ ${good}, "ldap": { "url": "ldap://host", "base": "dc=org", "bindPassword": 1234 } }`,
    'ldap.bindPassword (FILE): expected the password of bindDn, found a number (not shown)',
  ],
  [
    'c.json',
    `{ ${good}, "ldap": { "url": "ldap://host", "base": "dc=org", "bindPasword": "secret" } }`,
    'ldap.bindPasword (FILE): expected a documented key, perhaps bindPassword, found an unknown one',
  ],
  [
    'c.json',
    `{ ${good}, "insideNetworks": "10.0.0.0/8" }`,
    `insideNetworks (FILE): expected a list of networks such as 10.0.0.0/8, found "10.0.0.0/8"`,
  ],
  ['c.json', `{ ${good}, "sipT1Ms": 0 }`, `sipT1Ms (FILE): expected ${t1}, found 0`],
  ['c.json', '[]', 'configuration (FILE): expected an object of settings, found a list'],
  ['c.json', '', 'configuration file (FILE, line 1): expected JSON, found a syntax error: value expected'],
  [
    'c.json',
    `{\n${good},\n"ldap" {} }`,
    'configuration file (FILE, line 3): expected JSON, found a syntax error: colon expected',
  ],
  [
    'c.json',
    '{\n"ldap": { "bindPassword": secret } }',
    'configuration file (FILE, line 2): expected JSON, found a syntax error: invalid symbol',
  ],
  [
    'c.json',
    '{\n"realm": "a",\n"users": "unclosed\n}',
    'configuration file (FILE, line 3): expected JSON, found a syntax error: unexpected end of string',
  ],
  [
    'c.yaml',
    'users: users.json\n  realm: x\n',
    'configuration file (FILE, line 1): expected YAML, found block as implicit key',
  ],
  ['c.yaml', 'realm: a\nrealm: b\n', 'configuration file (FILE, line 2): expected YAML, found duplicate key'],
  ['c.yaml', 'realm: !secret b\n', 'configuration file (FILE, line 1): expected YAML, found tag resolve failed'],
  ['c.yaml', 'realm: *none\n', 'configuration file (FILE): expected YAML, found aliases that cannot be resolved'],
  ['c.yaml', 'just a text', 'configuration (FILE): expected an object of settings, found "just a text"'],
  ['c.yaml', 'httpPort: 1_000\n', `httpPort (FILE): expected ${port}, found "1_000"`],
  ['c.yaml', 'sipProxy:\n', `sipProxy (FILE): expected ${sipUri}, found null`],
  ['c.xml', '<rest-config><sip-port>x</sip-port></rest-config>', `sipPort (FILE): expected ${port}, found "x"`],
  ['c.xml', '<rest-config><sip-port/></rest-config>', `sipPort (FILE): expected ${port}, found ""`],
  [
    'c.xml',
    '<rest-config><log-level>LOUD</log-level></rest-config>',
    `logLevel (FILE): expected ${level}, found "LOUD"`,
  ],
  [
    'c.xml',
    '<rest-config>\n<sip-port>1</sip-port>\n<sip-port>2</sip-port></rest-config>',
    'configuration file (FILE, line 3): expected one <sip-port>, found a second one',
  ],
  [
    'c.xml',
    '<sipxrest/>',
    'configuration file (FILE, line 1): expected the root element rest-config, found <sipxrest>',
  ],
  [
    'c.xml',
    '<!DOCTYPE a [<!ENTITY b "c">]>\n<rest-config/>',
    'configuration file (FILE, line 1): expected no DTD, found a declaration',
  ],
  [
    'c.xml',
    '<rest-config>\n<sip-port>6050</sip-port>\n',
    'configuration file (FILE, line 3): expected well-formed XML, found unclosed tag: rest-config',
  ],
  [
    'c.conf',
    '',
    'configuration file (FILE): expected a name that ends in .json, .yaml, .yml or .xml, found another ending',
  ],
];

describe('A configuration that cannot be used', () => {
  let folder: Folder;

  beforeEach(() => {
    folder = new Folder();
    folder.write('users.json', '[]');
  });

  afterEach(() => {
    folder.remove();
  });

  for (const [env, message] of badEnvironments) {
    it(`stops the start with ${message}`, () => {
      expect(failure(undefined, { ...required, ...env }, folder.path)).to.equal(message);
    });
  }

  for (const [name, content, message] of badFiles) {
    it(`stops the start with ${message} (${name})`, () => {
      const env = name === 'c.json' ? {} : required;
      expect(failure(folder.write(name, content), env, folder.path)).to.equal(message);
    });
  }

  it('names the environment variable, not the file, when the variable is to blame', () => {
    const file = folder.write('c.json', `{ ${good}, "tls": { "key": "users.json", "cert": "users.json" } }`);
    expect(failure(file, { SIPXREST_TLS_KEY: '/nowhere' }, folder.path)).to.equal(
      'tls.key (SIPXREST_TLS_KEY): expected a readable file, found "/nowhere" (ENOENT)',
    );
  });

  it('refuses a missing file, a folder, and a file longer than 1 MiB', () => {
    const missing = join(folder.path, 'none.json');
    expect(failure(missing, {}, folder.path)).to.equal(
      'configuration file (FILE): expected a readable file, found ENOENT',
    );

    const aFolder = join(folder.path, 'folder.json');
    mkdirSync(aFolder);
    expect(failure(aFolder, {}, folder.path)).to.equal('configuration file (FILE): expected a file, found a folder');

    const long = folder.write('long.json', '');
    truncateSync(long, 1024 * 1024 + 1);
    expect(failure(long, {}, folder.path)).to.equal(
      'configuration file (FILE): expected at most 1 MiB, found 1048577 bytes',
    );
  });

  it('refuses YAML aliases that multiply', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [previous, name] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [pair[0], pair[1]])) {
      lines.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${previous}`).join(', ')}]`);
    }
    expect(failure(folder.write('c.yaml', lines.join('\n')), required, folder.path)).to.equal(
      'configuration file (FILE): expected YAML, found aliases that cannot be resolved',
    );
  });

  it('is reported as a whole, each problem on a line of its own with the line in the file', () => {
    const ownFolder = new Folder();
    try {
      const file = ownFolder.write(
        'c.yaml',
        `htpPort: 7000
sipPort: many
users: nowhere.json
tls:
  key: ''
sipTlsPort: 6667
`,
      );
      const errors = errorOf(() => loadSettings({ configFile: file, env: { SIPXREST_SIP_PROT: '5' } }));
      expect(errors?.message.replaceAll(file, 'FILE').replaceAll(ownFolder.path, 'FOLDER').split('\n')).to.deep.equal([
        'htpPort (FILE, line 1): expected a documented key, perhaps httpPort, found an unknown one',
        `sipPort (FILE, line 2): expected ${port}, found "many"`,
        'sipxProxyDomain (SIPXREST_SIPX_PROXY_DOMAIN or FILE): expected a host name, found nothing',
        'tls.key (FILE, line 5): expected the path of a PEM file, found ""',
        'SIPXREST_SIP_PROT (environment): expected a documented variable, perhaps SIPXREST_SIP_PORT, found an unknown one',
        'sipTlsPort (FILE, line 6): expected another port than that of httpPort, found 6667',
        'users (FILE, line 3): expected a readable file, found "FOLDER/nowhere.json" (ENOENT)',
      ]);
    } finally {
      ownFolder.remove();
    }
  });

  it('is reported in at most twenty lines', () => {
    const problem = { key: 'users[0].userName', source: 'users.json', expected: 'a user name', found: 'nothing' };
    const others = Array.from({ length: 24 }, () => problem);
    const lines = new ConfigurationError([problem, ...others]).message.split('\n');
    expect(lines).to.have.length(21);
    expect(lines.at(-1)).to.equal('and 5 more');
  });
});

function errorOf(load: () => unknown): ConfigurationError | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    return error instanceof ConfigurationError ? error : undefined;
  }
}
