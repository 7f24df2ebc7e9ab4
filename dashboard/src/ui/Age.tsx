import { duration, localMoment, utcMoment } from "../words/times";
import { useNow } from "../words/now";

/** How old a value is. After twice its period it is called old, in words and in colour. */
export function Age({ atMs, periodMs }: { atMs: number; periodMs?: number }) {
  const ageMs = Math.max(0, useNow() - atMs);
  const old = periodMs !== undefined && ageMs > 2 * periodMs;
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={`${utcMoment(atMs)} UTC · ${localMoment(atMs)}`}
      className={old ? "text-warning" : "text-faint"}
    >
      {ageMs < 1_000 ? "now" : `${duration(ageMs)} ago`}
      {old ? " (old)" : ""}
    </time>
  );
}

export function useStale(atMs: number | undefined, periodMs: number | undefined): boolean {
  const now = useNow();
  return atMs !== undefined && periodMs !== undefined && now - atMs > 2 * periodMs;
}
