import type { RequestListener } from 'node:http';

export interface Mount {
  /** For example `/callcontroller`. */
  readonly uriPrefix: string;
  readonly handler: RequestListener;
}

/** Gives each request to the longest prefix that its path is or lies under, and to nobody else; the rest goes to `others`. */
export function dispatch(mounts: readonly Mount[], others: RequestListener): RequestListener {
  const longestFirst = mounts
    .map(({ uriPrefix, handler }) => ({ prefix: `${uriPrefix.toLowerCase()}/`, handler }))
    .toSorted((one, other) => other.prefix.length - one.prefix.length);
  return (request, response) => {
    const path = `${pathOf(request.url ?? '').toLowerCase()}/`;
    const mount = longestFirst.find(({ prefix }) => path.startsWith(prefix));
    (mount?.handler ?? others)(request, response);
  };
}

/** The path of a request target, also of one in absolute form (RFC 9112 section 3.2.2). */
function pathOf(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1);
  return path;
}
