import { z } from 'zod';
import { packageSchema } from '../../../container/plugins/manifest.js';

/**
 * plugin-manifest.schema.json: what a plugin's package.json looks like, for editors. They read `$schema` at the root of a file only
 * and then forget the schema that they know for its name, so this one stands for the whole file.
 */
export function manifestSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(packageSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    title: 'package.json of a sipxrest plugin',
    allOf: [{ $ref: 'https://json.schemastore.org/package.json' }],
    ...schema,
  };
}
