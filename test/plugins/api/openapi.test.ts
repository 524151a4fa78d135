import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect } from 'chai';
import { openApiDocument } from '../../../plugins/api/openapi/document.js';

describe('The OpenAPI description of /v1', () => {
  it('passes a linter of OpenAPI descriptions', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: JSON.stringify(openApiDocument('1.0.0')), config });
    expect(found.map(({ ruleId, message }) => `${ruleId}: ${message}`)).to.deep.equal([]);
  });

  it('lists the common answers of each operation', () => {
    const { paths } = openApiDocument('1.0.0') as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(operations).to.have.length.above(8);
    for (const { responses } of operations) expect(responses).to.include.keys('400', '401', '429', '503', 'default');
  });

  it('has every name that a call can be placed with', () => {
    const { components } = openApiDocument('1.0.0') as {
      components: { schemas: { Order: { properties: Record<string, unknown>; required: string[] } } };
    };
    const { properties, required } = components.schemas.Order;
    expect(required).to.deep.equal(['caller', 'callee']);
    expect(Object.keys(properties)).to.include.members([
      'method',
      'agent',
      'timeoutSeconds',
      'maxDurationSeconds',
      'tags',
    ]);
  });
});
