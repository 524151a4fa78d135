import type { Journey } from './journey.js';
import { type Hop, requestHop, routeHop, uriHop } from './next-hop.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';

/** A request as it goes out. */
export interface RequestText {
  readonly text: string;
  readonly method: string;
  /** The branch on the wire. */
  readonly branch: string;
  /** Its way to a server, where that was begun before; undefined: the request begins one, or follows that of its branch. */
  readonly journey: Journey | undefined;
  /** Where it goes next. @throws Error where that is no SIP URI */
  hop(): Hop;
}

/** A request that was printed: where it goes need not be read from its text. */
export class PrintedRequest implements RequestText {
  readonly branch: string;

  constructor(
    readonly text: string,
    private readonly request: OutgoingRequest,
    readonly journey: Journey | undefined,
  ) {
    this.branch = request.wireBranch;
  }

  get method(): string {
    return this.request.method;
  }

  hop(): Hop {
    const { headers, ruri } = this.request;
    const route = headers['Route']?.[0];
    return route === undefined ? uriHop(ruri) : routeHop(route);
  }
}

/** For a request that sip.js made as text: the ACK of a refused INVITE. */
export function readRequest(text: string): RequestText {
  return {
    text,
    method: text.slice(0, text.indexOf(' ')),
    branch: /\r\nVia: [^\r]*?;branch=([^;\s]+)/.exec(text)?.[1] ?? '',
    journey: undefined,
    hop: () => requestHop(text),
  };
}
