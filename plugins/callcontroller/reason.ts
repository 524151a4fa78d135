/** A Reason header of the protocol SIP (RFC 3326): why a call is ended. */
export function reason(status: number, text: string): string {
  return `SIP ;cause=${status} ;text="${text.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&')}"`;
}
