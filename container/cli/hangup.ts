import { callSchema } from './call-schemas.js';
import { outcomeInWords } from './call-words.js';
import { say } from './say.js';
import { service } from './service.js';
import type { ServiceOptions } from './service-options.js';

/**
 * Hangs a call up, or cancels it while it is set up.
 * @returns the exit code, 0: the call is over, or will be in a moment
 * @throws UsageError on an invalid option; Error when there is no such call, or the telephones have it
 */
export async function hangUp(id: string, options: ServiceOptions): Promise<number> {
  const { status, body } = await service(options).send('DELETE', `calls/${encodeURIComponent(id)}`, callSchema);
  say(status === 200 ? `It was over already. ${outcomeInWords(body)}.` : 'Hung up.');
  return 0;
}
