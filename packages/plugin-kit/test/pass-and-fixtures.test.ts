import {
  defineOptions,
  definePassPlugin,
  type Model,
  option,
  PASS,
  type PassContext,
  type PassPlugin,
  type PassResult,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { parseFixture } from '../src/fixtures/fixture.js';
import { buildModel, checkPlugin, runFixtures } from '../src/index.js';

/** The smallest useful pass: takes Identity nodes out. */
class DropIdentityPass {
  readonly name: string = 'drop-identity';
  readonly effect = 'exact' as const;

  run({ graph }: Model, { options, count, log }: PassContext<DropIdentityOptions>): PassResult {
    let dropped = 0;
    for (const node of graph.nodesOf('Identity')) {
      const [input] = node.inputs;
      const [output] = node.outputs;
      if (input == null || output == null) continue;
      if (!options.outputs && graph.isOutput(output)) {
        log.warn(`"${output.name}" is a graph output.`);
        continue;
      }
      graph.supersede(output, input);
      graph.remove(node);
      dropped++;
    }
    count('identities.dropped', dropped);
    return { modified: dropped > 0 };
  }
}

interface DropIdentityOptions {
  readonly outputs: boolean;
}

const dropIdentity: PassPlugin<DropIdentityOptions> = definePassPlugin({
  id: 'drop-identity',
  about: 'Takes Identity nodes out.',
  options: defineOptions<DropIdentityOptions>({
    outputs: option.boolean({ default: true, about: 'Also where the output is handed out.' }),
  }),
  register(container) {
    container.register(PASS, { useFactory: () => new DropIdentityPass() });
  },
});

runFixtures(new URL('./fixtures/', import.meta.url), dropIdentity);

checkPlugin(dropIdentity, {
  models: {
    'two identities': buildModel((m) => {
      const x = m.input('x', ['N', 3]);
      m.output(m.node('Identity', [m.node('Identity', [m.node('Relu', [x])])]));
    }),
    'nothing to do': buildModel((m) => m.output(m.node('Relu', [m.input('x', [2])]))),
  },
});

describe('parseFixture', () => {
  test('options may be left out', () => {
    expect(parseFixture('About.\n===\nbefore\n===\nafter\n', 'f')).toEqual({
      about: 'About.',
      options: {},
      before: 'before',
      after: 'after',
    });
    expect(parseFixture('About.\n===\n{"a": 1}\n===\nbefore\n===\nafter', 'f').options).toEqual({ a: 1 });
  });

  test.each(['just a sentence', 'a\n===\nb\n===\nc\n===\nd', 'a\n===\n{ nonsense }\n===\nb\n===\nc'])(
    '%j is refused',
    (text) => {
      expect(() => parseFixture(text, 'f')).toThrow(expect.objectContaining({ code: 'FORMAT' }));
    },
  );
});
