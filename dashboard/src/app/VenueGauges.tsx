import type { AccountNow, VenueNow } from "../api/overview";
import { count, percent } from "../words/figures";
import { clockOffsetMs, useNow } from "../words/now";
import { duration } from "../words/times";
import { Gauge, Lamp } from "./Gauge";
import { clockTone, offsetText, weightTone } from "./venueTone";

const WRONG_BROWSER_MS = 500;

/** How much of the venue's request weight is used, or that it must not be called. */
export function WeightGauge({ account, venue }: { account: AccountNow; venue: VenueNow | undefined }) {
  const now = useNow();
  const untilMs = account.venue_blocked_until_ms;
  const weight = venue?.weight;
  if (untilMs !== null && untilMs > now) {
    return (
      <Gauge name="API weight" title={account.venue_reason}>
        <Lamp tone="bad">shut {duration(untilMs - now)}</Lamp>
      </Gauge>
    );
  }
  if (weight == null) {
    return (
      <Gauge name="API weight" title="The venue takes our calls. Nothing was asked of it within five minutes, or it did not say what it counts.">
        <Lamp tone="plain">not known</Lamp>
      </Gauge>
    );
  }
  const title = `The venue counted ${count(weight.used)} of ${count(weight.limit)}, ${percent(weight.used_pct, 0)}, in a minute for our address: the most of this minute and the last. Yellow over 60 %, red over 80 %.`;
  return (
    <Gauge name="API weight / limit" title={title}>
      <Lamp tone={weightTone(weight, now)}>
        {count(weight.used)} / {count(weight.limit)}
      </Lamp>
      <span className="text-faint">{duration(Math.max(0, now - weight.told_ms))} ago</span>
    </Gauge>
  );
}

/** The desk's clock against the venue's, and this browser's where it is wrong. */
export function ClockGauge({ venue }: { venue: VenueNow | undefined }) {
  const now = useNow();
  const clock = venue?.clock;
  const browserMs = clockOffsetMs();
  const told = clock == null ? "not measured within five minutes" : `measured ${duration(Math.max(0, now - clock.measured_ms))} ago`;
  return (
    <Gauge
      name="Clock"
      title={`How far the venue's clock is ahead of the desk's, ${told}. Over 500 ms people are told, over 1,000 ms nothing is entered. This browser's clock is ${offsetText(-browserMs)} off the desk's.`}
    >
      <Lamp tone={clockTone(clock, now)}>{clock == null ? "not known" : offsetText(clock.offset_ms)}</Lamp>
      {Math.abs(browserMs) > WRONG_BROWSER_MS && <Lamp tone="warning">browser {offsetText(-browserMs)}</Lamp>}
    </Gauge>
  );
}
