import { beforeAll, describe, expect, test } from 'vitest';
import type { EngineName } from '../src/engines/engine.js';
import type { Host } from '../src/hosts/host.js';
import { nodeHost } from '../src/hosts/node.js';
import { bestOf, compete, type Timing } from '../src/measure/compete.js';
import { contestants } from '../src/measure/contestants.js';
import { type ModelSet, makeModelSet } from '../src/models/model-set.js';
import { findNetworks } from '../src/networks/networks.js';

/** The least a benchmark can take: what is timed here is judged by nobody. */
const glance = { rounds: 1, slotMs: 1, warmUpMs: 0 };
const one = { threads: 1, peerThreads: 1 };
const peers: readonly EngineName[] = ['onnxruntime-web', 'litert-compat', 'onnxruntime-node'];

// Between them: same and valid padding, an odd row at the end, depthwise layers, residuals, a row made of an image.
describe.each(['ds-cnn', 'resnet-8', 'lenet-5'])('%s', (name) => {
  let host: Host;
  let set: ModelSet;
  const said: string[] = [];
  let timings: readonly Timing[];

  beforeAll(async () => {
    const [network] = findNetworks([name]);
    if (network === undefined) throw new Error(name);
    host = nodeHost({
      peerThreads: 1,
      peers: true,
      version: 'test',
      say: (line) => said.push(line),
    });
    set = await makeModelSet(network);
    timings = await compete(host, set, one, glance, (line) => said.push(line));
  });

  test('is computed by every engine, in float32 and int8, as the plain loops compute it', () => {
    expect(said).toEqual([]);
    expect(timings.map(({ engine, file }) => `${engine} ${file}`)).toEqual(
      contestants(['espalier', ...peers], one).map(({ engine, file }) => `${engine} ${file}`),
    );
    for (const { type, sqnrDb } of timings) expect(sqnrDb).toBeGreaterThan(type === 'int8' ? 30 : 110);
  });

  test('gives one row for each engine and type, of the faster kind of activations', () => {
    const rows = bestOf(timings);
    expect(rows).toHaveLength(2 * (1 + peers.length));
    for (const { medianMs, leastMs, gmacPerSecond } of rows) {
      expect(leastMs).toBeLessThanOrEqual(medianMs);
      expect(gmacPerSecond).toBeCloseTo(set.macs / medianMs / 1e6, 6);
    }
  });
});

test('an engine with a wrong answer is not timed, and said to be wrong', async () => {
  const [network] = findNetworks(['lenet-300-100']);
  if (network === undefined) throw new Error('gone');
  const set = await makeModelSet(network);
  const said: string[] = [];
  const host = nodeHost({
    peerThreads: 1,
    peers: false,
    version: 'test',
    say: (line) => said.push(line),
  });
  const wrong = { ...set, reference: set.reference.map((value) => value + 1) };
  expect(await compete(host, wrong, one, glance, (line) => said.push(line))).toEqual([]);
  expect(said).toEqual([
    expect.stringMatching(/espalier float32.*its answer is at .* dB of the reference, 90 are wanted/),
    expect.stringMatching(/espalier int8/),
  ]);
});

test('ours is timed on one thread and on as many as are asked for, in the same run', async () => {
  const [network] = findNetworks(['resnet-8']);
  if (network === undefined) throw new Error('gone');
  const set = await makeModelSet(network);
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  const host = nodeHost({ peerThreads: 1, peers: false, version: 'test', say });
  const timings = await compete(host, set, { threads: 2, peerThreads: 1 }, glance, say);
  expect(said).toEqual([]);
  expect(timings.map(({ type, threads }) => [type, threads])).toEqual([
    ['float32', 1],
    ['float32', 2],
    ['int8', 1],
    ['int8', 2],
  ]);
});
