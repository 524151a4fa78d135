import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const LIMIT_MS = 10_000;

/**
 * Where a module, or one that it imports, is not JavaScript: file, line and text. Node gives the position only when the error ends a
 * process, so the module is imported in a process of its own. None of its code runs, because all modules are parsed before the first
 * runs.
 */
export function syntaxErrorAt(module: string): string | undefined {
  const shared = new URL('../plugins/shared-modules.js', import.meta.url).href;
  const script = `import { shareModules } from ${JSON.stringify(shared)};
shareModules();
await import(${JSON.stringify(pathToFileURL(module).href)});`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  return /^.*?^SyntaxError: [^\n]*/ms.exec(stderr)?.[0];
}
