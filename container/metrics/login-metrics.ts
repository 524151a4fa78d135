import { isHttpError } from 'http-errors';
import type { Counter } from '../../sdk/index.js';
import type { Authenticator, LoginRequest } from '../security/authenticator.js';
import type { MetricsRegistry } from './registry.js';

/** Outcomes by the status that the client gets; a request without credentials is no login. */
const OUTCOMES: Readonly<Record<number, string>> = {
  400: 'unreadable',
  401: 'refused',
  429: 'limited',
  503: 'unavailable',
};

/** Logins by their outcome. */
export function loginCounter(metrics: MetricsRegistry): Counter {
  return metrics.counter({
    name: 'logins_total',
    help: 'Logins at the outside listener, by outcome: accepted, refused, limited (429), unreadable, unavailable (LDAP), failed.',
    labels: ['outcome'],
  });
}

/** An authenticator that counts the logins of another one by their outcome. */
export function countLogins(
  authenticator: Pick<Authenticator, 'authenticate'>,
  logins: Counter,
): Pick<Authenticator, 'authenticate'> {
  return {
    authenticate: async (request: LoginRequest, methods) => {
      const isLogin = request.authorization.length > 0;
      try {
        const account = await authenticator.authenticate(request, methods);
        logins.add({ outcome: 'accepted' });
        return account;
      } catch (error) {
        if (isLogin) logins.add({ outcome: (isHttpError(error) && OUTCOMES[error.status]) || 'failed' });
        throw error;
      }
    },
  };
}
