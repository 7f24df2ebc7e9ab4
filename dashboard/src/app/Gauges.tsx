import type { AccountNow, Overview } from "../api/overview";
import { useLiveStatus } from "../live/store";
import { Delta } from "../ui/Figure";
import { asNumber } from "../words/decimal";
import { dollars, NONE, percent } from "../words/figures";
import { useNow } from "../words/now";
import { duration } from "../words/times";
import { Gauge, Lamp, type GaugeTone } from "./Gauge";
import { ClockGauge, WeightGauge } from "./VenueGauges";

const LATE_STREAM_MS = 10_000;
const DEAD_STREAM_MS = 30_000;

/** The figures of the top bar, of one account. */
export function Gauges({ account, overview }: { account: AccountNow; overview: Overview }) {
  const { money, risk } = account;
  const venue = overview.venues.find((one) => one.venue === account.venue);
  return (
    <dl className="flex h-full min-w-0 items-stretch">
      <Gauge name="Equity" title="Wallet and open profit, as last reconciled with the venue">
        {dollars(money?.equity)}
      </Gauge>
      <Gauge name="Day" title="What equity moved by since midnight UTC, without deposits and withdrawals">
        <Delta value={money?.day_pnl} />
        <span className="text-faint">{percent(money?.day_pnl_pct, 2, true)}</span>
      </Gauge>
      <Gauge name="Unprotected" title="Positions without a stop that the venue confirmed">
        <Lamp tone={account.unprotected === 0 ? "good" : "bad"}>{account.unprotected}</Lamp>
      </Gauge>
      <Gauge name="Risk committed / max" title={`Reserved against the portfolio limit of ${percent(risk.cap_pct)} of equity`}>
        {dollars(risk.reserved, 0)} / {dollars(risk.cap, 0)}
        <RiskBar share={asNumber(risk.reserved) / asNumber(risk.cap)} />
      </Gauge>
      <StreamGauge overview={overview} />
      <ClockGauge venue={venue} />
      <WeightGauge account={account} venue={venue} />
      <UpdatesGauge />
    </dl>
  );
}

function RiskBar({ share }: { share: number }) {
  if (!Number.isFinite(share)) return null;
  const shown = Math.max(0, Math.min(1, share));
  return (
    <span aria-hidden className="inline-block h-1.5 w-12 overflow-hidden rounded-sm bg-line align-middle">
      <span className={`block h-full ${share >= 0.8 ? "bg-warning" : "bg-reserved"}`} style={{ width: `${shown * 100}%` }} />
    </span>
  );
}

function StreamGauge({ overview }: { overview: Overview }) {
  const sinceMs = Math.max(0, useNow() - overview.time_ms);
  const ages = overview.workers.map((worker) => worker.market_age_ms).filter((age) => age !== null);
  const ageMs = ages.length === 0 ? null : Math.min(...ages);
  const late = overview.workers.length === 0 || overview.workers.every((worker) => worker.late);
  // The worker writes every ten seconds: between two of its reports an age says what was, not what is.
  const tone: GaugeTone = late || ageMs === null || ageMs > DEAD_STREAM_MS ? "bad" : ageMs > LATE_STREAM_MS ? "warning" : "good";
  return (
    <Gauge name="Stream age" title={`The newest market event that the stream worker heard; told ${duration(sinceMs)} ago`}>
      <Lamp tone={tone}>{ageMs === null ? "none" : duration(ageMs)}</Lamp>
    </Gauge>
  );
}

const WAY: Readonly<Record<string, string>> = { socket: "socket", stream: "stream", polling: "polling" };

function UpdatesGauge() {
  const { state, transport, reason } = useLiveStatus();
  const way = transport === null ? NONE : (WAY[transport] ?? transport);
  const tone: GaugeTone = state === "live" ? "good" : state === "connecting" ? "plain" : "warning";
  const words = { live: way, connecting: "connecting", waiting: "asking", asleep: "asleep" }[state];
  return (
    <Gauge name="Updates" title={reason === "" ? `How news reach this page: ${way}` : `${reason}. The page asks every ten seconds.`}>
      <Lamp tone={tone}>{words}</Lamp>
    </Gauge>
  );
}
