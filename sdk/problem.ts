import { STATUS_CODES } from 'node:http';
import type { Context } from 'koa';
import { CallError } from './call-error.js';
import type { CallFault } from './call-error.js';
import type { ErrorBody, RefusedRequest } from './plugin.js';
import { requestId } from './request-id.js';

/** A word for programs where the error has none of its own. */
const CODES: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'conflict',
  413: 'body-too-long',
  415: 'unsupported-media-type',
  421: 'foreign-host',
  422: 'unprocessable',
  429: 'too-many-requests',
  431: 'header-too-long',
  502: 'node-unreachable',
  503: 'unavailable',
  504: 'node-timeout',
};

/**
 * The body of an error as `/v1` has it (`application/problem+json`, RFC 9457), for a plugin's `errorBody`. A bad request says of each value
 * what was expected and what was found.
 */
export function problemBody({ status, text, error }: RefusedRequest, context: Context): ErrorBody {
  const known = error instanceof CallError ? error : undefined;
  const content = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: known?.code ?? CODES[status] ?? 'internal-error',
    detail: text,
    requestId: requestId(context),
    ...errorsOf(status, text, known?.faults ?? []),
  };
  return { contentType: 'application/problem+json', content: JSON.stringify(content) };
}

/** What the container refuses before it is read as JSON is wrong as a whole. */
function errorsOf(status: number, text: string, faults: readonly CallFault[]): { errors?: readonly CallFault[] } {
  if (faults.length > 0) return { errors: faults };
  return status === 400 ? { errors: [{ pointer: '', expected: 'a request as it is documented', found: text }] } : {};
}
