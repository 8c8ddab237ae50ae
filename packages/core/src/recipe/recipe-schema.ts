import type { JsonSchema } from '../options/option.js';
import type { PassPlugin } from '../plugin/plugin.js';

/** The JSON Schema (draft 2020-12) of recipe files, with the options of the given passes. */
export function recipeSchema(plugins: readonly PassPlugin[]): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Espalier recipe',
    type: 'object',
    required: ['steps'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      name: { type: 'string' },
      about: { type: 'string' },
      plugins: { type: 'array', items: { type: 'string' } },
      seed: { type: ['number', 'string'] },
      data: {
        type: 'object',
        additionalProperties: false,
        properties: {
          train: { type: 'string' },
          calibration: { type: 'string' },
          holdout: { type: 'string' },
        },
      },
      steps: {
        type: 'array',
        minItems: 1,
        items: { anyOf: [{ type: 'string' }, ...plugins.map(stepSchema), otherStep(plugins)] },
      },
    },
  };
}

const role: JsonSchema = { enum: ['train', 'calibration', 'holdout'] };

/** Which data of the run a step is taken with. */
const conditions: JsonSchema = {
  when: { ...role, description: 'The step is taken only where the run has data of this role.' },
  unless: { ...role, description: 'The step is taken only where the run has no data of this role.' },
};

function stepSchema({ id, about, options }: PassPlugin): JsonSchema {
  return {
    type: 'object',
    description: about,
    required: ['pass'],
    additionalProperties: false,
    properties: { pass: { const: id }, options: options.schema(), ...conditions },
  };
}

/** A step of a plugin that this schema does not know. */
function otherStep(plugins: readonly PassPlugin[]): JsonSchema {
  return {
    type: 'object',
    required: ['pass'],
    additionalProperties: false,
    properties: {
      pass: { type: 'string', not: { enum: plugins.map(({ id }) => id) } },
      options: { type: 'object' },
      ...conditions,
    },
  };
}
