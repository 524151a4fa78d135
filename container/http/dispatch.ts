import type { RequestListener } from 'node:http';

export interface Mount {
  /** For example `/callcontroller`. */
  readonly uriPrefix: string;
  readonly handler: RequestListener;
}

/** Gives each request to the longest prefix that its path is or lies under, and to nobody else; the rest goes to `others`. */
export function dispatch(mounts: readonly Mount[], others: RequestListener): RequestListener {
  const longestFirst = mounts
    .toSorted((one, other) => other.uriPrefix.length - one.uriPrefix.length)
    .map(({ uriPrefix, handler }) => ({ pattern: targetUnder(uriPrefix), handler }));
  return (request, response) => {
    const target = request.url ?? '';
    const mount = longestFirst.find(({ pattern }) => pattern.test(target));
    (mount?.handler ?? others)(request, response);
  };
}

/** A request target whose path is a prefix or lies under it, also one in absolute form (RFC 9112 section 3.2.2). */
function targetUnder(prefix: string): RegExp {
  const literal = prefix.replace(/[^\w/]/g, '\\$&');
  return new RegExp(`^(?:https?://[^/?#]*)?${literal}(?:[/?#]|$)`, 'i');
}
