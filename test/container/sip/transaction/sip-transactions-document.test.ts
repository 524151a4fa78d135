import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sipTransactionsDocument } from '../../../support/sip-transactions-document.js';

const DOCUMENT = fileURLToPath(new URL('../../../../../docs/sip-transactions.md', import.meta.url));

describe('docs/sip-transactions.md', () => {
  it('draws the tables of the transactions as they are', () => {
    if (process.env['UPDATE_DOCS']) writeFileSync(DOCUMENT, sipTransactionsDocument());
    expect(readFileSync(DOCUMENT, 'utf8')).to.equal(sipTransactionsDocument());
  });
});
