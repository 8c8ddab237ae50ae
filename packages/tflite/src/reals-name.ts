/** What the writer calls the reals that it makes of the tensor `name` as the model is loaded. */
export function realsName(name: string): string {
  return `${name}_reals`;
}
