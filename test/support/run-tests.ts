import { spawn } from 'node:child_process';
import { once } from 'node:events';

/*
 * `npm test`: mocha twice at the same time. Two tests mostly wait, for minutes; they run beside all others, and what they print comes last.
 */

const LONG = ['dist/test/soak/soak.test.js', 'dist/test/wire/invite-load.test.js'];

const long = mocha(['--no-config', '--require', 'reflect-metadata', '--forbid-only', ...LONG], 'pipe');
const texts: Buffer[] = [];
for (const output of [long.stdout, long.stderr]) output?.on('data', (text: Buffer) => texts.push(text));
const longEnd = once(long, 'close');
const [status] = await once(
  mocha(
    LONG.flatMap((file) => ['--ignore', file]),
    'inherit',
  ),
  'close',
);
const [longStatus] = await longEnd;
process.stdout.write(Buffer.concat(texts));
process.exitCode = status === 0 && longStatus === 0 ? 0 : 1;

function mocha(options: readonly string[], output: 'inherit' | 'pipe') {
  return spawn(process.execPath, ['node_modules/mocha/bin/mocha.js', ...options], {
    stdio: ['ignore', output, output],
  });
}
