import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Container, startContainer } from './container.js';

describe('my-plugin', () => {
  let container: Container;

  before(async () => {
    container = await startContainer();
  });

  after(() => container.stop());

  it('says hello to a user by name', async () => {
    const response = await fetch(`${container.url}/my-plugin/user1`);
    assert.equal(await response.text(), 'Hello User One\n');
  });

  it('answers 404 for a user that does not exist', async () => {
    const response = await fetch(`${container.url}/my-plugin/nobody`);
    assert.equal(response.status, 404);
  });
});
