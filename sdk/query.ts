import createError from 'http-errors';
import type { Context } from 'koa';

/** The parameters of a request as they were sent: percent-decoded once, and none of those that are asked for twice. */
export class Query {
  readonly #values: URLSearchParams;

  /**
   * @param text the query without its question mark, as received
   * @param form the body of a form, as received; its parameters count as those of the query
   * @throws HttpError 400 when one of them is not properly percent-encoded
   */
  constructor(text: string, form = '') {
    checkEncoding('query', text);
    checkEncoding('form', form);
    // URLSearchParams takes a question mark at the very beginning for the delimiter, which is not in the text.
    this.#values = new URLSearchParams(`&${text}&${form}`);
  }

  /** The names of the parameters, each once, in the order in which they came. */
  names(): readonly string[] {
    return [...new Set(this.#values.keys())];
  }

  /** @throws HttpError 400 when the parameter is repeated */
  text(name: string): string | undefined {
    const values = this.#values.getAll(name);
    if (values.length > 1) throw createError(400, `${name} must be given once, got it ${values.length} times`);
    return values[0];
  }
}

function checkEncoding(what: string, text: string): void {
  try {
    decodeURIComponent(text);
  } catch {
    throw createError(400, `The ${what} is not properly percent-encoded`);
  }
}

/** The body of a request where it is a form (`application/x-www-form-urlencoded`), as received; else an empty text. */
export function formOf(context: Context): string {
  return context.is('application/x-www-form-urlencoded') ? (context.request.rawBody ?? '') : '';
}

/**
 * On whose behalf a call is placed or looked at: the parameter `agent`, else the calling user. Whoever lets a request through
 * and whoever carries it out ask here, so that no way of writing a query means one user to the first and another to the second.
 *
 * @param callingUser as it is in the path, percent-decoded once
 * @throws HttpError 400 when the query is broken or `agent` is repeated
 */
export function callAgent(callingUser: string, query: Query): string {
  return query.text('agent') ?? callingUser;
}
