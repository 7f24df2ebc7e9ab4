import { lazy, Suspense, useMemo, useState } from "react";
import type { AccountHistory, Changed } from "../../api/overview";
import { useApi } from "../../api/queries";
import type { components } from "../../api/schema";
import { Attribution } from "../../ui/Attribution";
import { Card, cardState, type CardState } from "../../ui/Card";
import { idle } from "../../ui/idle";
import { asNumber } from "../../words/decimal";
import { dollars, signedDollars } from "../../words/figures";
import { useNow } from "../../words/now";
import { utcMoment } from "../../words/times";
import type { EquityMark, EquityPoint } from "./EquityChart";
import { EquitySketch } from "./EquitySketch";

type BalanceHistory = components["schemas"]["BalanceHistory"];

/** The library that draws weighs as much as all else on the page: figures and brakes come before the picture. */
const EquityChart = lazy(() => idle().then(() => import("./EquityChart")));
/** A phone on a poor line fetches and draws it only when somebody touches the curve. */
const SMALL_SCREEN = "(max-width: 639px)";
const DAY_MS = 86_400_000;
const RANGES = [
  { days: 2, title: "2 days" },
  { days: 7, title: "7 days" },
  { days: 30, title: "30 days" },
  { days: 90, title: "90 days" },
] as const;

interface Drawn {
  points: { time_ms: number; wallet: string; equity: string }[];
  transfers: { time_ms: number; amount: string; asset: string }[];
  changes: readonly Changed[];
  startsMs: number | null;
}

interface EquityCardProps {
  account: string;
  history: AccountHistory | undefined;
  changes: readonly Changed[];
  state: CardState;
  atMs: number | undefined;
}

/** Equity over time. The last two days come with the page; longer ranges are asked for when they are wanted. */
export function EquityCard({ account, history, changes, state, atMs }: EquityCardProps) {
  const [days, setDays] = useState<number>(2);
  const longer = useLonger(account, days);
  const drawn: Drawn | undefined =
    days === 2
      ? history && { points: history.equity, transfers: history.transfers, changes, startsMs: history.capture_starts_ms }
      : longer.drawn;
  const shown = days === 2 ? state : longer.state;
  return (
    <Card
      title="Equity"
      source="venue, as reconciled each minute"
      atMs={atMs}
      state={shown}
      actions={
        <div role="group" aria-label="Range" className="flex gap-0.5">
          {RANGES.map((range) => (
            <button
              key={range.days}
              type="button"
              aria-pressed={days === range.days}
              onClick={() => setDays(range.days)}
              className="rounded px-1.5 py-0.5 text-xs text-dim hover:text-text aria-pressed:bg-raised aria-pressed:text-text"
            >
              {range.title}
            </button>
          ))}
        </div>
      }
    >
      {drawn !== undefined && <Picture drawn={drawn} days={days} />}
    </Card>
  );
}

function useLonger(account: string, days: number): { drawn: Drawn | undefined; state: CardState } {
  const now = useNow();
  // Whole hours, so that the question stays the same while the page is open and its answer is kept.
  const toMs = Math.ceil(now / 3_600_000) * 3_600_000;
  const query = useApi<BalanceHistory>(
    "balance-history",
    { account, from_ms: toMs - days * DAY_MS, to_ms: toMs },
    { enabled: days > 2, staleMs: 300_000 },
  );
  const found = query.data?.data.accounts[0];
  return {
    drawn: found && {
      points: found.points,
      transfers: found.transfers,
      changes: query.data?.data.changes ?? [],
      startsMs: found.capture_starts_ms,
    },
    state: cardState(query, (answer) => ((answer.data.accounts[0]?.points.length ?? 0) < 2 ? "The balance was not read in this range." : null)),
  };
}

function Picture({ drawn, days }: { drawn: Drawn; days: number }) {
  const points = useMemo(() => drawn.points.map(pointOf), [drawn.points]);
  const marks = useMemo(() => marksOf(drawn, days), [drawn, days]);
  const [wanted, setWanted] = useState(() => !matchMedia(SMALL_SCREEN).matches);
  const first = drawn.points[0];
  const last = drawn.points.at(-1);
  if (first === undefined || last === undefined) return null;
  const label = `Equity from ${dollars(first.equity)} at ${utcMoment(first.time_ms)} to ${dollars(last.equity)} at ${utcMoment(last.time_ms)} UTC, ${marks.length} marks`;
  return (
    <>
      {wanted ? (
        <Suspense fallback={<div className="h-64 md:h-72" />}>
          <EquityChart points={points} marks={marks} label={label} />
        </Suspense>
      ) : (
        <EquitySketch points={points} label={label} onWanted={() => setWanted(true)} />
      )}
      <div className="label flex flex-wrap items-center justify-between gap-x-4 pt-1">
        <p>
          <span aria-hidden className="mr-1 inline-block h-0.5 w-4 bg-text align-middle" /> equity{" "}
          <span aria-hidden className="mx-1 inline-block h-0 w-4 border-t border-dashed border-faint align-middle" /> wallet{" "}
          {wanted && (
            <>
              <span aria-hidden className="mx-1 inline-block size-2 bg-loss align-middle opacity-60" /> open result
            </>
          )}
          {drawn.startsMs !== null && <> · readings begin {utcMoment(drawn.startsMs)} UTC</>}
        </p>
        {wanted && <Attribution />}
      </div>
    </>
  );
}

function pointOf(point: { time_ms: number; wallet: string; equity: string }): EquityPoint {
  return { timeMs: point.time_ms, wallet: asNumber(point.wallet), equity: asNumber(point.equity) };
}

/** Several changes within one picture's inch are one mark: the list of all of them stands under Operations. */
function marksOf(drawn: Drawn, days: number): EquityMark[] {
  const apartMs = (days * DAY_MS) / 40;
  const changes: EquityMark[] = [];
  for (const one of drawn.changes) {
    const before = changes.at(-1);
    if (before !== undefined && one.time_ms - before.timeMs < apartMs) continue;
    changes.push({ timeMs: one.time_ms, kind: "change", text: `${one.action.split(":")[0]} ${one.subject}`.trim().slice(0, 24) });
  }
  const moved: EquityMark[] = drawn.transfers.map((one) => ({
    timeMs: one.time_ms,
    kind: one.amount.startsWith("-") ? "out" : "in",
    text: `${signedDollars(one.amount, 0)}${one.asset === "USDT" ? "" : ` ${one.asset}`}`,
  }));
  return [...changes, ...moved];
}
