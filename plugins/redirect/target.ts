import createError from 'http-errors';

/** The target of a request, exactly as in its first line: not decoded, so its meaning cannot change. */
export interface Target {
  /** For example `/callcontroller/user1/user2` or `/v1/calls`. */
  readonly path: string;
  /** The query without its question mark; undefined if there is none. */
  readonly query: string | undefined;
  /** The calling user, percent-decoded once; undefined under `/v1`, where the node asks who the agent is. */
  readonly callingUser: string | undefined;
}

/** Before the path of a resource of the call controller, in the service description's URLs. */
export const PREFIX = '/sipxconfig/rest/my/redirect';
/**
 * A segment of RFC 3986 less `;`, and less what somebody on the way could take for a slash, a dot or a parameter after he has
 * decoded it: a path that is read in two ways is a way round whoever reads it first.
 */
const SEGMENT = String.raw`(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%(?!2[EeFf]|5[Cc])[0-9A-Fa-f]{2})+`;
const PATH = new RegExp(`^${PREFIX}(/callcontroller/(${SEGMENT})/${SEGMENT}/?|/v1(?:/${SEGMENT}){1,4})$`);
/** The characters of a request line, without `#`, at which some parsers end the query. */
const QUERY = /^[!-"$-~]*$/;

/**
 * Reads the request target of the request line.
 * @throws HttpError 404 when it is anything but one of the call controller's resources in origin form, 400 when the rest is not
 *   properly percent-encoded
 */
export function parseTarget(target: string): Target {
  const [path = '', ...rest] = target.split('?');
  const [, carried, callingUser] = PATH.exec(path) ?? [];
  if (carried === undefined) throw createError(404, 'There is nothing at this path');
  const query = rest.length > 0 ? rest.join('?') : undefined;
  if (query !== undefined && !QUERY.test(query)) throw createError(400, 'The query is not properly percent-encoded');
  return { path: carried, query, callingUser: callingUser === undefined ? undefined : decoded(callingUser) };
}

/** Whether a path is one of the JSON resources. */
export function isUnderV1(path: string): boolean {
  return path.startsWith(`${PREFIX}/v1/`);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw createError(400, 'The path is not properly percent-encoded');
  }
}
