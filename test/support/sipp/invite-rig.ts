import { expect } from 'chai';
import { type Container, type ContainerSettings, startContainer } from '../container.js';
import { Places } from '../places.js';
import { type Gate, type Relay, startRelay } from '../relay.js';
import { type InviteCall, inviteCallOf } from './invite-call.js';
import { startSipp } from './sipp.js';
import { type Order, Traffic } from './traffic.js';
import { expectHonestRequests } from './wire-rules.js';

/** The parts of a phone's scenario, in `test/fixtures/sipp/parts`. */
export type Script = readonly string[];

const roles = ['calling', 'called', 'target', 'second'] as const;
export type Role = (typeof roles)[number];

/** One scenario of an Invite call. */
export interface Outcome {
  readonly title: string;
  /** Script of each phone. A party without a script has no phone. */
  readonly phones: Readonly<Partial<Record<Role, Script>>>;
  readonly orders?: readonly Order[];
  /** Parameters of the POST; by default `sipMethod=Invite`. */
  readonly query?: string;
  /** HTTP requests during the call. */
  readonly during?: (call: InviteCall, traffic: Traffic, user: (role: Role) => string) => Promise<void>;
  /** Final record in GET: party, state and status of each leg. */
  readonly record: Script;
  /** Checks the messages on the wire. */
  readonly check?: (traffic: Traffic) => void;
}

/** A container, and a relay between the container and the scripted phones of many concurrent calls. */
export class InviteRig {
  readonly #traffics = new Map<number, Traffic>();
  readonly #runs = new Map<Outcome, Promise<void>>();
  #calls = 0;

  private constructor(
    readonly relay: Relay,
    readonly container: Container,
    traffics: Map<number, Traffic>,
  ) {
    this.#traffics = traffics;
  }

  static async open(settings: ContainerSettings = {}): Promise<InviteRig> {
    const traffics = new Map<number, Traffic>();
    const gate: Gate = (message, toPort) =>
      (traffics.get(message.fromPort) ?? traffics.get(toPort))?.gate(message, toPort);
    const relay = await startRelay({ absorbsCopies: true, gate });
    const sipProxy = `sip:127.0.0.1:${relay.port};lr`;
    const container = await startContainer({ sipProxy, sipT1Ms: 100, ...settings });
    return new InviteRig(relay, container, traffics);
  }

  /** Starts all scenarios, several at a time, because they mostly wait. */
  startAll(outcomes: readonly Outcome[]): void {
    const places = new Places(6);
    for (const outcome of outcomes) {
      const run = places.take(() => this.play(outcome));
      run.catch(() => undefined); // its test tells
      this.#runs.set(outcome, run);
    }
  }

  /** Waits for the end of a started scenario. */
  async end(outcome: Outcome): Promise<void> {
    await this.#runs.get(outcome);
  }

  async play(outcome: Outcome): Promise<void> {
    const { query = 'sipMethod=Invite', during, record, check } = outcome;
    const id = ++this.#calls;
    const user = (role: Role): string => `${role}${id}`;
    const traffic = new Traffic(outcome.orders);
    const phones = await Promise.all(
      roles.flatMap((role) => {
        const scenario = outcome.phones[role];
        return scenario ? [this.#startPhone(role, user(role), scenario, traffic)] : [];
      }),
    );
    try {
      const call = inviteCallOf(this.container, user('calling'), user('called'), 'agent=user1');
      await call.post(`resultCacheTime=10&${query}`);
      await Promise.all([during?.(call, traffic, user), ...phones.map(({ role, ended }) => expectPlayed(role, ended))]);
      const wanted = record.map((line) => line.replace(' ', `${id} `)).join('\n');
      await call.waitForRecord((lines) => lines.join('\n') === wanted, wanted);
      check?.(traffic);
    } catch (error) {
      throw new Error(`What passed: ${traffic.messages.map(({ name }) => name).join(', ')}`, { cause: error });
    } finally {
      await Promise.all(phones.map(({ stop }) => stop()));
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#runs.values());
    await this.relay.close();
    await this.container.stop();
  }

  async #startPhone(role: Role, user: string, scenario: Script, traffic: Traffic) {
    const phone = await startSipp({ scenario });
    traffic.name(phone.port, role);
    this.#traffics.set(phone.port, traffic);
    this.relay.register(user, phone.port);
    return { role, ended: phone.finished, stop: () => phone.stop() };
  }
}

type Ended = Awaited<ReturnType<typeof startSipp>>['finished'];

/** Asserts that a phone sent and received what its script says, and nothing else. */
async function expectPlayed(role: Role, ended: Ended): Promise<void> {
  const { exitCode, errors, messages } = await ended;
  expect(errors, role).to.equal('');
  expect(exitCode, role).to.equal(0);
  expectHonestRequests(messages, '123');
}
