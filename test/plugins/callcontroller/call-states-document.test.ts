import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { callStatesDocument } from '../../support/call-states-document.js';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/call-states.md', import.meta.url));

describe('docs/call-states.md', () => {
  it('draws the state tables as they are', () => {
    if (process.env['UPDATE_DOCS']) writeFileSync(DOCUMENT, callStatesDocument());
    expect(readFileSync(DOCUMENT, 'utf8')).to.equal(callStatesDocument());
  });
});
