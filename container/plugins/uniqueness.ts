import type { DiscoveredPlugin } from './discovered-plugin.js';
import type { PluginErrorCode } from './errors.js';
import { PluginError } from './plugin-error.js';

/** A path of the container's own. */
const OWN_PREFIX = '/diagnostics';

/**
 * Checks what no two plugins may share: name, URI prefix and SIP convergence name.
 * @throws PluginError naming the other one
 */
export function checkUnique({ manifest, file }: DiscoveredPlugin, others: readonly DiscoveredPlugin[]): void {
  const { name, uriPrefix, sipConvergenceName } = manifest;
  const clash = (code: PluginErrorCode, key: string, found: string, owner: string): PluginError =>
    new PluginError(code, { plugin: name, file, key, expected: `another than that of ${owner}`, found });
  const checkPrefix = (other: string, owner: string): void => {
    const code = overlap(other.toLowerCase(), uriPrefix.toLowerCase());
    if (code) throw clash(code, 'sipxrest.uriPrefix', uriPrefix, owner);
  };

  checkPrefix(OWN_PREFIX, 'the container');
  for (const { manifest: other } of others) {
    const owner = `plugin ${other.name}`;
    if (other.name === name) throw clash('SIPXREST_PLUGIN_DUPLICATE_NAME', 'name', name, owner);
    checkPrefix(other.uriPrefix, owner);
    if (other.sipConvergenceName === sipConvergenceName)
      throw clash(
        'SIPXREST_PLUGIN_DUPLICATE_CONVERGENCE_NAME',
        'sipxrest.sipConvergenceName',
        sipConvergenceName,
        owner,
      );
  }
}

/** Whether one path is the other or lies under it. Like the router, it does not tell capital letters from small ones. */
function overlap(a: string, b: string): PluginErrorCode | undefined {
  if (a === b) return 'SIPXREST_PLUGIN_DUPLICATE_PREFIX';
  return a.startsWith(`${b}/`) || b.startsWith(`${a}/`) ? 'SIPXREST_PLUGIN_PREFIX_OVERLAP' : undefined;
}
