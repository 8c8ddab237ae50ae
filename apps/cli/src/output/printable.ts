// C0 but line feeds, DEL and C1: what terminals obey, or hide.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

/** The text with control characters spelled out: names in a model file must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(control, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** At most `room` characters of a text, its ends. */
export function shortened(text: string, room: number): string {
  if (text.length <= room) return text;
  const half = Math.floor((room - 3) / 2);
  return `${text.slice(0, half)}...${text.slice(text.length - half)}`;
}
