import { Graph, Model } from '@espalier/core';
import { expect, test } from 'vitest';
import { readEspalier, writeEspalier } from '../src/index.js';
import { readFrame } from '../src/read/frame.js';
import { TurnedEncoding, turnedKind } from './test-kinds.js';

/** y = Identity(c), with a constant of a third party's kind. */
function modelOf(encoding: TurnedEncoding): Model {
  const graph = new Graph();
  const c = graph.constant(encoding, 'c');
  graph.addOutput(graph.apply({ op: 'Identity', inputs: [c] }, 'y', { dtype: 'uint8', dims: [3] }));
  return new Model(graph);
}

class Renamed extends TurnedEncoding {
  override readonly package: string;

  constructor(name: string) {
    super(Uint8Array.of(1, 2, 3), [3]);
    this.package = name;
  }
}

const bytes = writeEspalier(modelOf(new Renamed('@acme/espalier-plugin-turned')));

function fixFor(file: Uint8Array): string | undefined {
  try {
    readEspalier(file, { encodings: [] });
  } catch (error) {
    return (error as { fix?: string }).fix;
  }
  return undefined;
}

test('a reader without the kind says which package to install', () => {
  expect(fixFor(bytes)).toContain('npm install @acme/espalier-plugin-turned,');
});

test('the package is written once, and changes nothing else', () => {
  const { strings, packages } = readFrame(bytes).header;
  expect(packages.map((number) => strings[number])).toEqual(['acme:turned', '@acme/espalier-plugin-turned']);
  expect(readEspalier(bytes, { encodings: [turnedKind] }).graph.constants[0]?.constant?.decode()).toEqual(
    new Renamed('').decode(),
  );
});

test.each(['left-pad; rm -rf ~', 'a b', '--global', '../x', 'x\n', '', '@acme'])(
  'a file can not put %j into a command',
  (name) => {
    expect(fixFor(writeEspalier(modelOf(new Renamed(name))))).toBe(
      'Install the plugin that brings it, and pass it to the reader.',
    );
  },
);
