import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { LOGGED_IN_USER_HEADER, REQUEST_ID } from '../../sdk/index.js';
import { PREFIX } from './target.js';

/** Header fields for one connection only (RFC 9110 section 7.6.1), or set again by each sender. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/**
 * Header fields between the client and this container: credentials, proxy fields, and those of browsers. This container has decided what
 * browsers may do; the node would take the redirect for a page of another site.
 */
const OURS = new RegExp(
  [
    '^(?:authorization|cookie|host|content-length|expect|forwarded|x-forwarded-.*|x-real-ip|via|x-sipxrest-.*',
    'origin|sec-fetch-.*|accept-language)$',
  ].join('|'),
);

/** Fields with references to other resources: a URI (RFC 9110 sections 8.7 and 10.2.2), or several in angle brackets (RFC 8288). */
const LINKS: ReadonlySet<string> = new Set(['location', 'content-location', 'link']);
/** Where the path of a resource that the redirect carries to begins. */
const BEFORE_PATH = /(^|<)(?=\/(?:callcontroller|v1)\/)/g;

type Fields = Record<string, string | string[]>;

/**
 * The header fields for the node: the client's own less its credentials, who has logged in, its id, and where it came from, as this container
 * saw it. What a client says about itself in such fields is not passed on.
 */
export function fieldsForNode(request: IncomingMessage, user: string | undefined, requestId: string): Fields {
  const kept = Object.entries(endToEnd(request.headers)).filter(([name]) => !OURS.test(name));
  return {
    ...Object.fromEntries(kept),
    ...(user !== undefined && { [LOGGED_IN_USER_HEADER]: user }),
    [REQUEST_ID.toLowerCase()]: requestId,
    'x-forwarded-prefix': PREFIX,
    'x-forwarded-for': request.socket.remoteAddress ?? '',
    'x-forwarded-proto': 'encrypted' in request.socket ? 'https' : 'http',
    ...(request.headers.host !== undefined && { 'x-forwarded-host': request.headers.host }),
  };
}

/**
 * The header fields for the client: those of the answer. Where they lead to another resource of the node, they lead there through the
 * redirect, since the client may reach the node in no other way.
 */
export function fieldsForClient(headers: IncomingHttpHeaders): Fields {
  const fields = Object.entries(endToEnd(headers));
  return Object.fromEntries(fields.map(([name, value]) => [name, LINKS.has(name) ? throughRedirect(value) : value]));
}

function throughRedirect(value: string | string[]): string | string[] {
  return typeof value === 'string' ? value.replace(BEFORE_PATH, `$1${PREFIX}`) : value.flatMap(throughRedirect);
}

/** A message's header fields without those that are for its connection. */
export function endToEnd(headers: IncomingHttpHeaders): Fields {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/[\s,]+/));
  return Object.fromEntries(
    Object.entries(headers).filter(
      (field): field is [string, string | string[]] =>
        field[1] !== undefined && !HOP_BY_HOP.has(field[0]) && !named.has(field[0]),
    ),
  );
}
