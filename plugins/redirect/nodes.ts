import createError, { isHttpError } from 'http-errors';
import type { InsideListener } from '../../sdk/index.js';
import type { Node, NodeAnswer, NodeRequest } from './node.js';

/** The nodes of a service, each of which serves all calls: requests go to them in turn. */
export class Nodes {
  readonly #open = new Map<string, Node>();
  #turn = 0;

  /** @param known who they are at present. @param connect opens the connections to one */
  constructor(
    private readonly known: () => readonly InsideListener[],
    private readonly connect: (listener: InsideListener) => Node,
  ) {}

  /**
   * Sends a request to a node, and to the next one if the first attempt cannot have had any effect.
   * @throws HttpError as `Node.send`, and 502 if no node is known
   */
  async send(request: NodeRequest): Promise<NodeAnswer> {
    const nodes = this.#inTurn();
    for (const [index, node] of nodes.entries()) {
      try {
        return await node.send(request);
      } catch (error) {
        if (index === nodes.length - 1 || !mayTryAnother(request, error)) throw error;
      }
    }
    throw createError(502, 'No node of the service is known', { expose: true });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((node) => node.close()));
  }

  #inTurn(): Node[] {
    const known = this.known();
    this.#forgetOthers(known);
    const nodes = known.map((listener) => this.#nodeAt(listener));
    const first = this.#turn++ % Math.max(1, nodes.length);
    return [...nodes.slice(first), ...nodes.slice(0, first)];
  }

  #nodeAt(listener: InsideListener): Node {
    const node = this.#open.get(listener.url) ?? this.connect(listener);
    this.#open.set(listener.url, node);
    return node;
  }

  #forgetOthers(known: readonly InsideListener[]): void {
    for (const [url, node] of this.#open) {
      if (known.some((listener) => listener.url === url)) continue;
      this.#open.delete(url);
      void node.close();
    }
  }
}

/** A call must not be placed twice: only a GET, or a request whose node could not be reached, goes to another node. */
function mayTryAnother({ method }: NodeRequest, error: unknown): boolean {
  if (!isHttpError(error)) return false;
  return error['isUnsent'] === true || method === 'GET' || method === 'HEAD';
}
