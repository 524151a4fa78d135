import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FakeSdk } from 'sipxrest/testing';
import MyPlugin from '../index.js';

describe('my-plugin', () => {
  /** @type {FakeSdk} */
  let sdk;

  before(async () => {
    sdk = await FakeSdk.open({
      uriPrefix: '/my-plugin',
      users: [{ userName: 'user1', displayName: 'User One' }],
    });
    await sdk.start((own) => new MyPlugin(own));
  });

  after(() => sdk.close());

  it('says hello to a user by name', async () => {
    const response = await sdk.fetch('/my-plugin/user1');
    assert.equal(await response.text(), 'Hello User One\n');
  });

  it('answers 404 for a user that does not exist', async () => {
    const response = await sdk.fetch('/my-plugin/nobody');
    assert.equal(response.status, 404);
  });
});
