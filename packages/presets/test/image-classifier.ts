// A program written for ONNX Runtime: it knows onnxruntime-common, and nothing of Espalier.
import { InferenceSession, Tensor } from 'onnxruntime-common';

export interface Guess {
  readonly label: number;
  readonly logits: readonly number[];
}

/** Tells what is on pictures: uint8 [count, height, width, 3]. */
export async function classify(
  model: Uint8Array,
  pictures: Uint8Array,
  size: number,
): Promise<readonly Guess[]> {
  const session = await InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: 1,
  });
  const [input = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  const guesses: Guess[] = [];
  for (let at = 0; at < pictures.length; at += size * size * 3) {
    const picture = pictures.subarray(at, at + size * size * 3);
    const results = await session.run({
      [input]: new Tensor('float32', planes(picture), [1, 3, size, size]),
    });
    const data = results[output]?.data;
    if (!(data instanceof Float32Array)) throw new Error('the logits are missing');
    guesses.push({ label: data.indexOf(Math.max(...data)), logits: [...data] });
  }
  await session.release();
  return guesses;
}

function planes(picture: Uint8Array): Float32Array {
  const pixels = picture.length / 3;
  return Float32Array.from({ length: picture.length }, (_, i) => {
    const value = picture[(i % pixels) * 3 + Math.floor(i / pixels)] ?? 0;
    return value / 127.5 - 1;
  });
}
