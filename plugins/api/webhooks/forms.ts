export const urlForm = 'an http:// or https:// URL without user and fragment';
export const secretForm = 'a secret of 16 to 128 bytes in Base64, with or without whsec_ before it';

const PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether events can be sent to this URL. */
export function isHttpUrl(text: string): boolean {
  if (text.length > 2_048 || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, hash } = new URL(text);
  return username + password + hash === '';
}

/** Whether a text is a secret as Standard Webhooks have it. */
export function isSecret(text: string): boolean {
  const bytes = secretBytes(text).length;
  return BASE64.test(withoutPrefix(text)) && bytes >= 16 && bytes <= 128;
}

/** The key that the secret stands for. */
export function secretBytes(secret: string): Buffer {
  return Buffer.from(withoutPrefix(secret), 'base64');
}

function withoutPrefix(secret: string): string {
  return secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
}
