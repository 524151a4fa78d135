import { ConfigurationError } from './errors.js';
import type { Origin } from './json.js';
import { parseXml, XmlError } from './xml.js';
import type { XmlElement } from './xml.js';

// sipXecs writes syslog's severities.
const logLevels: ReadonlyMap<string, string> = new Map([
  ['DEBUG', 'debug'],
  ['INFO', 'info'],
  ['NOTICE', 'info'],
  ['WARNING', 'warn'],
  ['ERR', 'error'],
  ['CRIT', 'fatal'],
  ['ALERT', 'fatal'],
  ['EMERG', 'fatal'],
]);

const integer = (text: string): unknown => (/^\d{1,9}$/.test(text) ? Number(text) : text);
const text = (value: string): unknown => value;

// log-directory is known and has no effect: the log goes to standard error.
const elements: ReadonlyMap<string, { readonly key: string; readonly parse: (text: string) => unknown }> = new Map([
  ['ip-address', { key: 'ipAddress', parse: text }],
  ['sip-port', { key: 'sipPort', parse: integer }],
  ['http-port', { key: 'httpPort', parse: integer }],
  ['public-http-port', { key: 'publicHttpPort', parse: integer }],
  ['sipx-proxy-domain', { key: 'sipxProxyDomain', parse: text }],
  ['log-level', { key: 'logLevel', parse: (level) => logLevels.get(level.toUpperCase()) ?? level }],
]);

/**
 * Reads the settings that a sipXecs `sipxrest-config.xml` has in common with ours; its other elements are ignored.
 * @throws ConfigurationError when it is not XML, has another root or an element twice
 */
export function readRestConfig(xml: string, origin: Origin): Record<string, unknown> {
  const root = parse(xml, origin);
  if (root.name !== 'rest-config') throw broken(origin, root.line, 'the root element rest-config', `<${root.name}>`);

  const settings: Record<string, unknown> = {};
  for (const child of root.children) {
    const element = elements.get(child.name);
    if (element === undefined) continue;
    if (element.key in settings) throw broken(origin, child.line, `one <${child.name}>`, 'a second one');
    settings[element.key] = element.parse(child.text.trim());
  }
  return settings;
}

function parse(xml: string, origin: Origin): XmlElement {
  try {
    return parseXml(xml);
  } catch (error) {
    if (error instanceof XmlError) throw broken(origin, error.line, error.expected, error.found);
    throw error;
  }
}

function broken({ key, file }: Origin, line: number, expected: string, found: string): ConfigurationError {
  return new ConfigurationError({ key, source: `${file}, line ${line}`, expected, found });
}
