import {
  defineOptions,
  definePassPlugin,
  OptionsError,
  option,
  PASS,
  type Pass,
  type PassPlugin,
} from '@espalier/core';

interface Limits {
  /** No limit where it is Infinity: which JSON writes as null. */
  readonly limit: number;
}

/** Works in code, and not from a recipe. */
export const losesOptionsInJson: PassPlugin<Limits> = definePassPlugin({
  id: 'loses-options-in-json',
  about: 'A pass with an option that no JSON can hold.',
  options: defineOptions<Limits>({
    limit: {
      ...option.number({ default: 1, about: 'The largest magnitude.' }),
      default: Infinity,
      check(value, path) {
        if (typeof value === 'number') return value;
        throw new OptionsError({ what: `"${path}" is no number.`, fix: 'Pass a number.' });
      },
    },
  }),
  register(container) {
    const pass = (): Pass => ({
      name: 'loses-options-in-json',
      effect: 'exact',
      run: () => ({ modified: false }),
    });
    container.register(PASS, { useFactory: pass });
  },
});
