import { convert } from 'xmlbuilder2';
import { z } from 'zod';

/** An event of a Refer call, as GET shows it. */
export interface StatusLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly callId: string;
  readonly method: string;
  readonly statusLine: string;
}

export const callStatusNamespace = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';

const single = z.tuple([z.string()]).transform(([value]) => value);
const documentSchema = z.strictObject({
  'status-lines': z.tuple([
    z.strictObject({
      '@xmlns': z.literal(callStatusNamespace),
      status: z
        .array(
          z.strictObject({
            timestamp: single.pipe(z.string().regex(/^\d+$/)).transform(Number),
            'call-id': single,
            method: single,
            'status-line': single,
          }),
        )
        .default([]),
    }),
  ]),
});

/**
 * Reads the document that GET shows of a Refer call.
 * @throws Error if the document is not well-formed, or has another namespace, or other or repeated elements
 */
export function statusLines(xml: string): StatusLine[] {
  const { 'status-lines': root } = documentSchema.parse(convert(xml, { format: 'object', verbose: true }));
  return root[0].status.map((status) => ({
    timestamp: status.timestamp,
    callId: status['call-id'],
    method: status.method,
    statusLine: status['status-line'],
  }));
}
