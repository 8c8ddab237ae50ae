import type { StepState } from './steps.js';

/** How a pass is told to leave a layer alone: an option by layer, and the value that does it. */
const byLayer: Readonly<
  Record<string, { readonly option: string; readonly alone: number; readonly usual: number }>
> = {
  prune: { option: 'density', alone: 1, usual: 0.5 },
  'prune-channels': { option: 'density', alone: 1, usual: 0.5 },
  // It has no way to leave a layer out: 256 values are as good as that.
  'share-weights': { option: 'bits', alone: 8, usual: 6 },
};

/** The steps with a layer left alone by each that can. */
export function excludeLayer(steps: readonly StepState[], layer: string): readonly StepState[] {
  return steps.map((step) => {
    if (step.pass === 'quantize') return withExclusions(step, [...exclusionsOf(step), layer]);
    const setting = settingOf(step);
    if (setting === null) return step;
    const { option, alone, usual } = setting;
    const now = step.options[option] ?? usual;
    const record = isRecord(now) ? now : { default: now };
    return { ...step, options: { ...step.options, [option]: { [layer]: alone, ...record } } };
  });
}

/** The same steps without the exclusion. */
export function includeLayer(steps: readonly StepState[], layer: string): readonly StepState[] {
  return steps.map((step) => {
    if (step.pass === 'quantize')
      return withExclusions(
        step,
        exclusionsOf(step).filter((name) => name !== layer),
      );
    const option = settingOf(step)?.option ?? '';
    const now = step.options[option];
    if (!isRecord(now)) return step;
    const { [layer]: _, ...rest } = now;
    const keys = Object.keys(rest);
    return {
      ...step,
      options: { ...step.options, [option]: keys.join() === 'default' ? rest['default'] : rest },
    };
  });
}

/** Whether a step leaves the layer alone. */
export function isExcluded(steps: readonly StepState[], layer: string): boolean {
  return steps.some((step) => {
    if (step.pass === 'quantize') return exclusionsOf(step).includes(layer);
    const setting = settingOf(step);
    const now = step.options[setting?.option ?? ''];
    return setting !== null && isRecord(now) && now[layer] === setting.alone;
  });
}

/** Whether any step can leave a layer alone. */
export function canExclude(steps: readonly StepState[]): boolean {
  return steps.some((step) => step.pass === 'quantize' || settingOf(step) !== null);
}

/** A threshold of standard deviations has its own option, and 0 prunes nothing. */
function settingOf({ pass, options }: StepState): (typeof byLayer)[string] | null {
  if (pass === 'prune' && options['by'] === 'deviation') return { option: 'quality', alone: 0, usual: 1 };
  return Object.hasOwn(byLayer, pass) ? (byLayer[pass] ?? null) : null;
}

function exclusionsOf({ options }: StepState): readonly string[] {
  const list = options['exclude'];
  return Array.isArray(list) ? list.filter((name): name is string => typeof name === 'string') : [];
}

function withExclusions(step: StepState, exclude: readonly string[]): StepState {
  const { exclude: _, ...rest } = step.options;
  return { ...step, options: exclude.length === 0 ? rest : { ...rest, exclude } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
