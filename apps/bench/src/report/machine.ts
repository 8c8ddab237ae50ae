import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** The processor, and a name for files about it. */
export interface Machine {
  readonly cpu: string;
  readonly slug: string;
  readonly cores: number;
}

/** Virtual machines hide the model behind a brand: family and model number tell generations apart. */
export function thisMachine(): Machine {
  const cpus = os.cpus();
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const brand = cpus[0]?.model.trim() ?? os.arch();
  const [family, model] = [/^cpu family\s*: (.*)$/m.exec(info)?.[1], /^model\s*: (.*)$/m.exec(info)?.[1]];
  const cpu =
    family === undefined || model === undefined ? brand : `${brand}, family ${family}, model ${model}`;
  return { cpu, slug: slugOf(cpu), cores: cpus.length };
}

/** Lower case, with dashes for all that is no letter or digit. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
