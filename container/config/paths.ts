import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe } from './describe.js';
import type { Problem } from './errors.js';
import { errorCode } from './files.js';
import type { Settings } from './settings.js';

/** Makes file and folder paths absolute. `folderOf` says to which folder the paths under a key are relative. */
export function withAbsolutePaths(settings: Settings, folderOf: (key: string) => string): Settings {
  const absolute = (key: string, path: string): string => resolve(folderOf(key), path);
  const { tls, ldap } = settings;
  return {
    ...settings,
    users: absolute('users', settings.users),
    pluginDir: settings.pluginDir.map((folder) => absolute('pluginDir', folder)),
    dataDir: absolute('dataDir', settings.dataDir),
    tls: {
      ...(tls.key && { key: absolute('tls.key', tls.key) }),
      ...(tls.cert && { cert: absolute('tls.cert', tls.cert) }),
      ...(tls.ca && { ca: absolute('tls.ca', tls.ca) }),
    },
    ldap: ldap && { ...ldap, ...(ldap.ca && { ca: absolute('ldap.ca', ldap.ca) }) },
  };
}

const FILES = ['users', 'tls.key', 'tls.cert', 'tls.ca', 'ldap.ca'] as const;

/** Looks whether the files and folders are there, so that a wrong path stops the start and not the first request. */
export function problemsOfPaths(settings: Settings, sourceOf: (path: string[], found: unknown) => string): Problem[] {
  const { users, tls, ldap, pluginDir } = settings;
  const paths: Record<(typeof FILES)[number], string | undefined> = {
    users,
    'tls.key': tls.key,
    'tls.cert': tls.cert,
    'tls.ca': tls.ca,
    'ldap.ca': ldap?.ca,
  };
  return [
    ...FILES.flatMap((key) => check(key, paths[key], 'file')),
    ...pluginDir.flatMap((folder) => check('pluginDir', folder, 'folder')),
  ];

  function check(key: string, path: string | undefined, kind: 'file' | 'folder'): Problem[] {
    const problem = path === undefined ? undefined : problemWith(path, kind);
    if (problem === undefined) return [];
    const source = sourceOf(key.split('.'), path);
    return [{ key, source, expected: `a readable ${kind}`, found: `${describe(path)} (${problem})` }];
  }
}

function problemWith(path: string, kind: 'file' | 'folder'): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    const stats = statSync(path);
    if (kind === 'file' ? stats.isFile() : stats.isDirectory()) return undefined;
    return `not a ${kind}`;
  } catch (error) {
    return errorCode(error);
  }
}
