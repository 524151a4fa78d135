import type { Leg } from '../../../sdk/index.js';
import type { FormerParty } from './invite-snapshot.js';
import type { Party } from './party.js';
import type { PartyState } from './party-listener.js';

export const ROLES = ['calling', 'called', 'target'] as const;
export type Role = (typeof ROLES)[number];

/** A leg as GET shows it. */
export interface ShownParty extends FormerParty {
  readonly state: PartyState;
}

/** The parties of a call by role, present and former. */
export class Parties {
  readonly #present: Partial<Record<Role, Party>> = {};
  /** Legs that are over or being ended: they stay in the document. */
  readonly #former: Party[] = [];

  /** @param before legs that ended in an earlier process */
  constructor(private readonly before: readonly FormerParty[] = []) {}

  /** The calling party first, former parties last. */
  get shown(): ShownParty[] {
    const before = this.before.map((party): ShownParty => ({ ...party, state: 'Terminated Dialog' }));
    return [...this.present.map(shownParty), ...before, ...this.#former.map(shownParty)];
  }

  /** What is kept of replaced parties. */
  get former(): FormerParty[] {
    return [...this.before, ...this.#former.map(({ leg, statusLine }) => formerParty(leg, statusLine))];
  }

  /** Those of this process. */
  get all(): Party[] {
    return [...this.present, ...this.#former];
  }

  get areClosed(): boolean {
    return this.all.every(({ isClosed }) => isClosed);
  }

  get present(): Party[] {
    return ROLES.flatMap((role) => this.#present[role] ?? []);
  }

  /** @throws Error when nobody has the role */
  get(role: Role): Party {
    const party = this.#present[role];
    if (!party) throw new Error(`The call has no ${role} party`);
    return party;
  }

  find(role: Role): Party | undefined {
    return this.#present[role];
  }

  set(role: Role, party: Party): void {
    this.#present[role] = party;
  }

  /** Undefined if the party has no role any more. */
  roleOf(party: Party): Role | undefined {
    return ROLES.find((role) => this.#present[role] === party);
  }

  /** The called party's is the calling one, and the other way round. */
  partnerOf(party: Party): Party | undefined {
    const { calling, called } = this.#present;
    if (party === calling) return called;
    return party === called ? calling : undefined;
  }

  retire(role: Role): void {
    const party = this.#present[role];
    if (party) this.#former.push(party);
    delete this.#present[role];
  }

  /** The party that was replaced last. */
  get replaced(): Party | undefined {
    return this.#former.at(-1);
  }

  /** The target takes the calling party's role. */
  promoteTarget(): void {
    const target = this.get('target');
    this.retire('calling');
    this.#present.calling = target;
    delete this.#present.target;
  }
}

function formerParty({ callId, localTag, remoteTag, localParty, remoteParty }: Leg, statusLine: string): FormerParty {
  return { callId, localTag, remoteTag, localParty, remoteParty, statusLine };
}

function shownParty({ leg, state, statusLine }: Party): ShownParty {
  return { ...formerParty(leg, statusLine), state };
}
