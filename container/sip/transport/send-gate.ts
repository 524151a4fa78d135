/** Asked before each message that is sent: whether this process may speak at present. */
export interface SendGate {
  readonly isOpen: boolean;
  /** Keeps a message until the process may speak, or until nobody wants the message any more. */
  hold(send: () => void): void;
}

export const OPEN: SendGate = { isOpen: true, hold: (send) => send() };
