export type Kind = 'pass' | 'encoding' | 'format' | 'calibrator' | 'kernel';

/** What a plugin can bring, and the small idea that each template has. */
export const kinds: Readonly<Record<Kind, string>> = {
  pass: 'a step of a recipe: changes a model. Drops weights that are small beside the largest.',
  encoding: 'another way to hold weights, and the pass that uses it. Run lengths.',
  format: 'reads a model file. A matrix of NumPy as a linear layer.',
  calibrator: 'chooses the range of activations. Analytic clipping.',
  kernel: "computes an operator that is not ONNX's own. QuickGelu.",
};

export function isKind(text: string): text is Kind {
  return Object.hasOwn(kinds, text);
}
