import { spawn } from 'node:child_process';
import { once } from 'node:events';

/*
 * `npm test`: mocha twice at the same time. Tests that mostly wait, for real telephones or for minutes, run beside all others, and what
 * they print comes last.
 */

const WAITING = ['dist/test/peers/**/*.test.js', 'dist/test/soak/**/*.test.js', 'dist/test/wire/invite-load.test.js'];
/** As in .mocharc.json, whose list of files would be added here. */
const OPTIONS = ['--no-config', '--require', 'reflect-metadata', '--timeout', '30000', '--forbid-only'];

const waiting = mocha([...OPTIONS, ...WAITING], 'pipe');
const texts: Buffer[] = [];
for (const output of [waiting.stdout, waiting.stderr]) output?.on('data', (text: Buffer) => texts.push(text));
const waitingEnd = once(waiting, 'close');
const [status] = await once(
  mocha(
    WAITING.flatMap((files) => ['--ignore', files]),
    'inherit',
  ),
  'close',
);
const [waitingStatus] = await waitingEnd;
process.stdout.write(Buffer.concat(texts));
process.exitCode = status === 0 && waitingStatus === 0 ? 0 : 1;

function mocha(options: readonly string[], output: 'inherit' | 'pipe') {
  return spawn(process.execPath, ['node_modules/mocha/bin/mocha.js', ...options], {
    stdio: ['ignore', output, output],
  });
}
