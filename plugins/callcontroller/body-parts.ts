import type { Body } from '../../sdk/index.js';

/** More parts than any telephone sends. */
const MAX_PARTS = 16;
/** How deep multipart bodies are searched. */
const MAX_DEPTH = 2;

const MULTIPART = /^\s*multipart\//i;
const BOUNDARY = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;
/** If a sender forgets the parameter, the first line of a body without a preamble shows the boundary. */
const FIRST_LINE = /^\s{0,4}--(\S{1,70})[ \t]*\r?\n/;
const BLANK_LINE = /\r?\n\r?\n/;

/**
 * The content of a body of a type, or of the first part of a multipart body that is of that type (RFC 2046 section 5.1, RFC 5621). Lines
 * may end in LF alone, as some senders have it.
 * @param type tested against the Content-Type
 */
export function contentOf(body: Body | undefined, type: RegExp, depth = 0): string | undefined {
  if (!body) return undefined;
  if (type.test(body.contentType)) return body.content;
  if (!MULTIPART.test(body.contentType) || depth === MAX_DEPTH) return undefined;
  for (const part of partsOf(body)) {
    const content = contentOf(part, type, depth + 1);
    if (content !== undefined) return content;
  }
  return undefined;
}

function partsOf({ contentType, content }: Body): Body[] {
  const boundary = BOUNDARY.exec(contentType) ?? FIRST_LINE.exec(content);
  const delimiter = boundary?.[1] ?? boundary?.[2];
  if (delimiter === undefined) return [];
  const [, ...parts] = `\n${content}`.split(`\n--${delimiter}`, MAX_PARTS + 1);
  return parts.map((part) => readPart(part));
}

function readPart(part: string): Body {
  const end = BLANK_LINE.exec(part);
  const head = part.slice(0, end?.index ?? 0).replace(/\r?\n[ \t]+/g, ' ');
  const contentType = /^content-type[ \t]*:(.*)$/im.exec(head)?.[1] ?? 'text/plain';
  const content = end ? part.slice(end.index + end[0].length) : '';
  return { contentType, content: `${content.trimEnd()}\r\n` };
}
