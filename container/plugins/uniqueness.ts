import { linesInFile } from '../config/files.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import type { PluginErrorCode } from './errors.js';
import type { Claims } from './manifest.js';
import { PluginError } from './plugin-error.js';

/** Paths of the container's own. */
const OWN_PREFIXES = ['/diagnostics', '/healthz', '/metrics', '/readyz'];

/** Where a plugin wants what another one or the container has already: its name, URI prefix or SIP convergence name. */
export function clashes(
  { name, uriPrefix, sipConvergenceName }: Claims,
  file: string,
  others: readonly DiscoveredPlugin[],
): PluginError[] {
  const clash = (code: PluginErrorCode, path: readonly string[], found: string, owner: string): PluginError => {
    const problem = { plugin: name, file, line: linesInFile(file)(path), key: path.join('.'), found };
    return new PluginError(code, { ...problem, expected: `another than that of ${owner}` });
  };
  const prefixClash = (other: string, owner: string): PluginError[] => {
    const code = uriPrefix === undefined ? undefined : overlap(other.toLowerCase(), uriPrefix.toLowerCase());
    return code ? [clash(code, ['sipxrest', 'uriPrefix'], uriPrefix ?? '', owner)] : [];
  };
  const withOther = ({ manifest: other }: DiscoveredPlugin): PluginError[] => {
    const owner = `plugin ${other.name}`;
    if (other.name === name) return [clash('SIPXREST_PLUGIN_DUPLICATE_NAME', ['name'], name, owner)];
    const user = other.sipConvergenceName === sipConvergenceName ? sipConvergenceName : undefined;
    const path = ['sipxrest', 'sipConvergenceName'];
    return [
      ...prefixClash(other.uriPrefix, owner),
      ...(user === undefined ? [] : [clash('SIPXREST_PLUGIN_DUPLICATE_CONVERGENCE_NAME', path, user, owner)]),
    ];
  };
  return [...OWN_PREFIXES.flatMap((prefix) => prefixClash(prefix, 'the container')), ...others.flatMap(withOther)];
}

/** Whether one path is the other or lies under it. Like the router, it does not tell capital letters from small ones. */
function overlap(a: string, b: string): PluginErrorCode | undefined {
  if (a === b) return 'SIPXREST_PLUGIN_DUPLICATE_PREFIX';
  return a.startsWith(`${b}/`) || b.startsWith(`${a}/`) ? 'SIPXREST_PLUGIN_PREFIX_OVERLAP' : undefined;
}
