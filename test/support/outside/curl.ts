import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programPath } from '../peers/programs.js';

export interface CurlResult {
  /** Of the last answer. */
  readonly status: number;
  readonly body: string;
  /** All request header fields that curl sent, and all that it got. */
  readonly trace: string;
}

const run = promisify(execFile);
const limitMs = 10_000;

/** Runs curl as an administrator would, with `-k`: nobody vouches for the certificate. */
export async function curl(...args: readonly string[]): Promise<CurlResult> {
  const { stdout, stderr } = await run(
    programPath('curl'),
    ['--disable', '--silent', '--show-error', '--verbose', '--insecure', '--write-out', '\n%{http_code}', ...args],
    { timeout: limitMs },
  );
  const [, body = '', status = ''] = /^(.*)\n(\d{3})$/s.exec(stdout) ?? [];
  return { status: Number(status), body, trace: stderr };
}
