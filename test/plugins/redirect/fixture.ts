import { expect } from 'chai';
import { type Container, type ContainerSettings, startContainer } from '../../support/container.js';
import { type Answer, type ScriptedNode, send, type Sent, startNode } from './scripted-node.js';

export const prefix = '/sipxconfig/rest/my/redirect';
export const path = '/callcontroller/user1/user2';

/** A container whose redirect forwards to a node. The container is asked on its inside listener by default, without a password. */
export async function startRedirect(
  settings: Readonly<Record<string, unknown>>,
  others: ContainerSettings = {},
): Promise<Container> {
  return await startContainer({ plugins: { redirect: settings, callcontroller: false }, ...others });
}

/** A node, and a container whose redirect forwards to the node. */
export class RedirectRig {
  private constructor(
    readonly node: ScriptedNode,
    readonly container: Container,
  ) {}

  static async start(settings: Readonly<Record<string, unknown>> = {}): Promise<RedirectRig> {
    const node = await startNode();
    try {
      return new RedirectRig(node, await startRedirect({ callcontroller: node.url, ...settings }));
    } catch (error) {
      await node.close();
      throw error;
    }
  }

  /** Sends a request for a path below that of the redirect. */
  async carry(target: string, sent?: Sent): Promise<Answer> {
    return await send(this.container.httpPort, prefix + target, sent);
  }

  async stop(): Promise<void> {
    await this.node.close();
    await this.container.stop();
  }
}

/** The error document with which the container answers by itself. */
export function expectError({ status, headers, body }: Answer, expected: number): void {
  expect(status).to.equal(expected);
  expect(headers['content-type']).to.equal('text/xml; charset=utf-8');
  expect(body).to.contain(`<error-code>${expected}</error-code>`);
}
