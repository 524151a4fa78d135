import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programPath } from '../peers/programs.js';

export interface CurlResult {
  /** Of the last answer. */
  readonly status: number;
  readonly body: string;
  /** All header fields that curl sent and received. */
  readonly trace: string;
}

const run = promisify(execFile);
const limitMs = 10_000;

/** Runs curl with `-k`, as an administrator would with a self-signed certificate. */
export async function curl(...args: readonly string[]): Promise<CurlResult> {
  const { stdout, stderr } = await run(
    programPath('curl'),
    ['--disable', '--silent', '--show-error', '--verbose', '--insecure', '--write-out', '\n%{http_code}', ...args],
    { timeout: limitMs },
  );
  const [, body = '', status = ''] = /^(.*)\n(\d{3})$/s.exec(stdout) ?? [];
  return { status: Number(status), body, trace: stderr };
}
