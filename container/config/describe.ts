const longestFound = 60;

/** Keeps a text on one line by escaping control characters and line separators. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Names a value in an error message: short, on one line, and without its content when it is a secret. */
export function describe(value: unknown, secret = false): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (secret) return `a ${typeof value} (not shown)`;
  if (typeof value === 'string') return quoted(withoutUserInfo(value));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

export function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(text: string): string {
  return oneLine(JSON.stringify(cut(text, longestFound)));
}

/** A password in a URI (`sip:user:password@host`, `ldap://user:password@host`) is a secret under any key. */
function withoutUserInfo(text: string): string {
  return text.replace(/:.*@/s, ':***@');
}

/** Whether the value of a key must not be shown. */
export function isSecretKey(key: PropertyKey | undefined): boolean {
  return typeof key === 'string' && /password|passwd|^pin$|confpin|secret|token|authorization/i.test(key);
}
