/** Says before each message whether this process may send at present. */
export interface SendGate {
  readonly isOpen: boolean;
  /** Keeps a message until the process may send, or the message is obsolete. */
  hold(send: () => void): void;
}

export const OPEN: SendGate = { isOpen: true, hold: (send) => send() };
