import { localMoment, utcDay, utcMoment, utcTime } from "../words/times";
import { useNow } from "../words/now";

/** A moment in UTC; the reader's own time in the tooltip. Today's are shown without the day. */
export function Moment({ ms, full = false }: { ms: number; full?: boolean }) {
  const today = utcDay(useNow()) === utcDay(ms);
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${utcMoment(ms)} UTC · ${localMoment(ms)}`} className="figure">
      {full || !today ? utcMoment(ms) : utcTime(ms)}
    </time>
  );
}
