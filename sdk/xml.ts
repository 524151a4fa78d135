/**
 * Makes a text fit to be handed to xmlbuilder2's `txt` and `att`, wherever it comes from: characters that XML 1.0 cannot hold
 * become U+FFFD, and an ampersand stays one (xmlbuilder2 takes `&x;` for an entity and leaves it as it is).
 */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;');
}
