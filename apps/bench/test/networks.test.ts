import { describe, expect, test } from 'vitest';
import { findNetworks, networkMacs, networks } from '../src/networks/networks.js';

describe('the nine networks', () => {
  // The figures of the table that the engine is held to, in millions.
  test.each([
    ['mobilenet-v1', 569],
    ['mobilenet-v2', 301],
    ['squeezenet-1.1', 349],
    ['resnet-18', 1814],
    ['resnet-8', 12.5],
    ['ds-cnn', 2.7],
    ['mobilenet-v1-0.25', 7.5],
    ['lenet-300-100', 0.27],
    ['lenet-5', 2.3],
  ])('%s takes %d million multiply-accumulates', (name, millions) => {
    const network = networks.find((one) => one.name === name);
    const macs = network === undefined ? 0 : networkMacs(network.make()) / 1e6;
    const digits = String(millions).split('.')[1]?.length ?? 0;
    expect(Number(macs.toFixed(digits))).toBe(millions);
  });

  test('are found by name, by the start of a name, and all without one', () => {
    const names = (...words: string[]) => findNetworks(words).map(({ name }) => name);
    expect(names('mobilenet-v1')).toEqual(['mobilenet-v1']);
    expect(names('lenet')).toEqual(['lenet-300-100', 'lenet-5']);
    expect(names('ds-cnn', 'resnet')).toEqual(['resnet-18', 'resnet-8', 'ds-cnn']);
    expect(names()).toHaveLength(9);
    expect(() => names('alexnet')).toThrow(/no network "alexnet"/);
  });

  test('have the same weights each time they are made', () => {
    const [network] = findNetworks(['lenet-300-100']);
    const weights = () =>
      network
        ?.make()
        .weights()
        .map((weight) => weight.decode().data);
    expect(weights()).toEqual(weights());
  });
});
