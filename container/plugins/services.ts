import type { ServiceToken } from '../../sdk/index.js';
import { PluginError } from './plugin-error.js';

type Token = ServiceToken<object>;

interface Offer {
  readonly plugin: string;
  readonly value: object;
}

/** Who takes a service, for the error. */
export interface ServiceTaker {
  readonly plugin: string;
  readonly file: string;
  /** Names of the plugins that it depends on. */
  readonly dependsOn: readonly string[];
}

/** What plugins offer each other, by token. */
export class Services {
  readonly #offers = new Map<Token, Offer>();

  /** @throws PluginError when somebody provides it already */
  add(token: Token, value: object, { plugin, file }: Omit<ServiceTaker, 'dependsOn'>): void {
    const known = this.#offers.get(token);
    if (known) {
      const expected = `a service that plugin ${known.plugin} does not provide`;
      const problem = { plugin, file, key: 'sdk.provide()', expected, found: token.name };
      throw new PluginError('SIPXREST_PLUGIN_DUPLICATE_SERVICE', problem);
    }
    this.#offers.set(token, { plugin, value });
  }

  /** Whether somebody provides it. */
  has(token: Token): boolean {
    return this.#offers.has(token);
  }

  /** What these plugins provide. */
  of(plugins: readonly string[]): readonly (readonly [token: Token, value: object])[] {
    return [...this.#offers]
      .filter(([, { plugin }]) => plugins.includes(plugin))
      .map(([token, { value }]) => [token, value]);
  }

  /**
   * Why this class cannot be injected as a service, where it is meant to be one: somebody provides it that the taker does not depend
   * on, or a class of the same name, or nobody does.
   */
  problemWith(token: Token, { plugin, file, dependsOn }: ServiceTaker): PluginError | undefined {
    const problem = { plugin, file, key: 'constructor', found: token.name };
    const offer = this.#offers.get(token);
    if (offer && dependsOn.includes(offer.plugin)) return undefined;
    if (offer) {
      const expected = `sipxrest.dependsOn to name plugin ${offer.plugin}, which provides ${token.name}`;
      return new PluginError('SIPXREST_PLUGIN_MISSING_SERVICE', { ...problem, expected });
    }
    const namesake = [...this.#offers].find(([{ name }]) => name === token.name)?.[1];
    if (namesake) {
      const expected = `the class ${token.name} that plugin ${namesake.plugin} provides, not another one of its name`;
      return new PluginError('SIPXREST_PLUGIN_FOREIGN_SERVICE', { ...problem, expected });
    }
    if (!isBare(token)) return undefined;
    const expected = `a service that is provided by plugin ${dependsOn.join(' or ') || '(sipxrest.dependsOn is empty)'}`;
    return new PluginError('SIPXREST_PLUGIN_MISSING_SERVICE', { ...problem, expected });
  }
}

/**
 * An abstract class of which nothing is left when the program runs: no constructor, no methods, no fields. Dependency injection would
 * build it, and what it builds could do nothing.
 */
export function isBare(token: Token): boolean {
  const source = Function.prototype.toString.call(token);
  return /^class [\w$]+ *\{\s*\}$/.test(source);
}
