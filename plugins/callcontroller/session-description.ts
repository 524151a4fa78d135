import type { Body } from '../../sdk/index.js';

/** More parts than any telephone sends. */
const MAX_PARTS = 16;

/** The session description of a body, or of the first part of a multipart body that is one (RFC 2046 section 5.1, RFC 5621). */
export function descriptionIn(body: Body | undefined): string | undefined {
  if (!body) return undefined;
  const { contentType, content } = body;
  if (isSdp(contentType)) return content;
  const boundary = /^multipart\/.*;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/is.exec(contentType);
  const delimiter = boundary?.[1] ?? boundary?.[2];
  if (delimiter === undefined) return undefined;
  const [, ...parts] = `\r\n${content}`.split(`\r\n--${delimiter}`, MAX_PARTS + 1);
  return parts.map(readPart).find((description) => description !== undefined);
}

function isSdp(contentType: string): boolean {
  return /^\s*application\/sdp\s*(?:;|$)/i.test(contentType);
}

/** Undefined where the part is something else. */
function readPart(part: string): string | undefined {
  const end = part.indexOf('\r\n\r\n');
  const type = /^content-type[ \t]*:(.*)$/im.exec(part.slice(0, Math.max(end, 0)))?.[1] ?? '';
  return isSdp(type) ? `${part.slice(end + 4).trimEnd()}\r\n` : undefined;
}
