import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Setting } from '../preview/layer-preview.js';
import { percent } from '../shell/format.js';
import { densities, setSetting, setting } from './setting.js';

const inits: readonly { readonly value: Setting['init']; readonly label: string; readonly title: string }[] =
  [
    {
      value: 'linear',
      label: 'Linear',
      title: 'First centroids evenly spaced between the smallest and the largest weight',
    },
    { value: 'density', label: 'Density', title: 'First centroids evenly spaced in rank' },
    { value: 'random', label: 'Random', title: 'First centroids are some of the weights' },
  ];

/** The three settings of the opening screen. */
export function Sliders(): JSX.Element {
  const { density, bits, init } = setting.value;
  const stop = nearestStop(density);
  return (
    <div class="sliders">
      <Slider
        name="Weights kept"
        value={keptText(density)}
        spoken={`${keptText(density)} of the weights kept`}
        hint="The smallest are pruned to zero"
        range={[0, densities.length - 1]}
        at={densities.length - 1 - stop}
        onInput={(at) => setSetting({ density: densities[densities.length - 1 - at] ?? 1 })}
      />
      <Slider
        name="Bits"
        value={
          <>
            {bits} <small>= {2 ** bits} shared values</small>
          </>
        }
        spoken={`${bits} bits, ${2 ** bits} shared values`}
        hint="What is left shares a few values, found by k-means"
        range={[1, 8]}
        at={bits}
        onInput={(at) => setSetting({ bits: at })}
      />
      <fieldset class="segments">
        <legend>K-means starts</legend>
        {inits.map(({ value, label, title }) => (
          <label key={value} title={title}>
            <input
              type="radio"
              name="init"
              value={value}
              checked={init === value}
              onChange={() => setSetting({ init: value })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}

interface SliderProps {
  readonly name: string;
  readonly value: ComponentChildren;
  /** The value for those who hear it. */
  readonly spoken: string;
  readonly hint: string;
  readonly range: readonly [number, number];
  readonly at: number;
  onInput(at: number): void;
}

function Slider({ name, value, spoken, hint, range: [min, max], at, onInput }: SliderProps): JSX.Element {
  const id = useId();
  return (
    <div class="slider">
      <label class="slider-name" for={id}>
        {name}
      </label>
      <span class="slider-value">{value}</span>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={1}
        value={at}
        aria-valuetext={spoken}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget }) => onInput(Number(currentTarget.value))}
      />
      <span class="slider-hint" id={`${id}-hint`}>
        {hint}
      </span>
    </div>
  );
}

function keptText(density: number): string {
  return percent(density, density < 0.1 ? 1 : 0);
}

function nearestStop(density: number): number {
  return densities.reduce(
    (best, candidate, i) =>
      Math.abs(candidate - density) < Math.abs((densities[best] ?? 1) - density) ? i : best,
    0,
  );
}
