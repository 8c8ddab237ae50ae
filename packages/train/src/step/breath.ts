/** Milliseconds after which long work lets the page or the process do something else. */
const BREATH_MS = 50;

/** Lets others run from time to time. */
export class Breath {
  #last = 0;

  async take(): Promise<void> {
    if (performance.now() - this.#last <= BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#last = performance.now();
  }
}
