/** Asked for long enough, it is done at a busy moment too. */
const LONGEST_WAIT_MS = 2_000;

/** Calls `work` when the browser has nothing better to do, after `LONGEST_WAIT_MS` at the latest. */
export function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: LONGEST_WAIT_MS });
  else setTimeout(work, 200);
}

/** The same as a promise. */
export function idle(): Promise<void> {
  return new Promise((resolve) => whenIdle(resolve));
}
