import { checkConfiguration } from '../check/check-configuration.js';
import { lineOf } from '../config/errors.js';
import { createLog } from '../log.js';
import { exitSoon } from './exit.js';

/**
 * Says what is wrong with a configuration, a line each on standard error.
 * @returns the exit code: 0 where a container would start with it
 */
export async function checkConfig({ config }: { readonly config?: string | undefined }): Promise<number> {
  try {
    const { problems, warnings } = await checkConfiguration({ configFile: config, env: process.env });
    for (const problem of problems) process.stderr.write(`${lineOf(problem)}\n`);
    for (const warning of warnings) process.stderr.write(`warning: ${lineOf(warning)}\n`);
    if (problems.length > 0) return 1;
    process.stdout.write(`ok ${config ?? 'environment'}${warnings.length > 0 ? ', with warnings' : ''}\n`);
    return 0;
  } finally {
    // What a plugin has opened in its constructor must not keep the process.
    exitSoon(createLog('silent'));
  }
}
