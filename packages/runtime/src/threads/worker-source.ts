/**
 * What a worker runs: text, so that no bundler has a second file to find. It has the words of control.ts as numbers.
 *
 * It takes parts while there are any, then spins for about 50 microseconds (the next instruction of a run comes
 * within a few), then sleeps in Atomics.wait. A tape it has not heard of is in a message: it goes back to the event
 * loop to get it.
 */
export const workerSource: string = `'use strict';
{
  const inPage = typeof WorkerGlobalScope !== 'undefined';
  const port = inPage ? self : require('node:worker_threads').parentPort;
  const [TICKET, INSTRUCTION, TAPE, DONE, SLEEPERS, WAKE, FAILED] = [0, 1, 2, 3, 4, 5, 6];
  const tapes = new Map();
  const pause = Atomics.pause ?? (() => {});
  let control;
  let kernels;

  const bind = ({ kernel, parts }) => parts.map((args) => kernels[kernel].bind(undefined, ...args));

  function receive({ modules, memory, words, tape, instructions, forget }) {
    if (modules !== undefined) {
      const abort = () => {
        throw new Error('A kernel refused its arguments.');
      };
      const load = (module) => new WebAssembly.Instance(module, { env: { memory, abort } }).exports;
      kernels = Object.assign({}, ...modules.map(load));
      control = words;
      port.postMessage({ ready: true });
    }
    if (tape !== undefined) tapes.set(tape, new Map(instructions.map(([at, one]) => [at, bind(one)])));
    if (forget !== undefined) tapes.delete(forget);
    work();
  }

  function work() {
    for (;;) {
      const ticket = Atomics.load(control, TICKET);
      const left = ticket & 255;
      if (left === 0) {
        rest(ticket);
        continue;
      }
      // Written before the ticket, and good as long as the ticket is the same.
      const tape = tapes.get(Atomics.load(control, TAPE));
      const parts = tape?.get(Atomics.load(control, INSTRUCTION));
      if (Atomics.load(control, TICKET) !== ticket) continue;
      if (parts === undefined) return;
      if (Atomics.compareExchange(control, TICKET, ticket, ticket - 1) !== ticket) continue;
      parts[left - 1]();
      Atomics.add(control, DONE, 1);
    }
  }

  function rest(ticket) {
    const until = performance.now() + 0.05;
    do {
      for (let i = 0; i < 100; i++) {
        if (Atomics.load(control, TICKET) !== ticket) return;
        pause();
      }
    } while (performance.now() < until);
    const wake = Atomics.load(control, WAKE);
    Atomics.add(control, SLEEPERS, 1);
    // Whoever publishes a ticket looks for sleepers after it: one of the two sees the other.
    if (Atomics.load(control, TICKET) === ticket) Atomics.wait(control, WAKE, wake);
    Atomics.sub(control, SLEEPERS, 1);
  }

  function guarded(message) {
    try {
      receive(message);
    } catch (error) {
      if (control !== undefined) Atomics.store(control, FAILED, 1);
      port.postMessage({ failed: String(error) });
    }
  }

  if (inPage) self.onmessage = ({ data }) => guarded(data);
  else port.on('message', guarded);
}
`;
