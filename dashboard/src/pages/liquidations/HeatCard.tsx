import { useState } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Answered } from "../../api/client";
import type { Problem } from "../../api/problem";
import { Card, cardState } from "../../ui/Card";
import { asNumber } from "../../words/decimal";
import { count, exact, percent, shortDollars } from "../../words/figures";
import { duration, utcMoment } from "../../words/times";
import { heatShare } from "./tape";
import type { Gap, HeatCell, SymbolSummary, TapeSummary } from "./types";

interface HeatCardProps {
  query: UseQueryResult<Answered<TapeSummary>, Problem>;
  everyMs: number;
  onSymbol: (symbol: string) => void;
}

type Side = "both" | "long" | "short";

const SIDES: readonly { value: Side; title: string }[] = [
  { value: "both", title: "Both" },
  { value: "long", title: "Longs" },
  { value: "short", title: "Shorts" },
];

/** Symbol by hour. The stronger the paint, the more was liquidated; hours with a gap are hatched. */
export function HeatCard({ query, everyMs, onSymbol }: HeatCardProps) {
  const [side, setSide] = useState<Side>("both");
  const answer = query.data?.data;
  return (
    <Card
      title="Last 24 hours"
      source="stored tape"
      atMs={answer?.time_ms}
      periodMs={everyMs}
      flush
      state={cardState(query, (found) => (found.data.count === 0 ? "Nothing was recorded in the last 24 hours." : null))}
      actions={
        <select aria-label="Which liquidations to count" className="h-6 rounded border border-line-strong bg-ground px-1 text-xs" value={side} onChange={(event) => setSide(event.target.value as Side)}>
          {SIDES.map((one) => (
            <option key={one.value} value={one.value}>
              {one.title}
            </option>
          ))}
        </select>
      }
    >
      {answer !== undefined && (
        <>
          <HeatTable summary={answer} side={side} onSymbol={onSymbol} />
          <Gaps gaps={answer.gaps} nowMs={answer.time_ms} />
        </>
      )}
    </Card>
  );
}

const valueOf = (cell: HeatCell, side: Side): number =>
  (side === "short" ? 0 : asNumber(cell.long_value)) + (side === "long" ? 0 : asNumber(cell.short_value));

function HeatTable({ summary, side, onSymbol }: { summary: TapeSummary; side: Side; onSymbol: (symbol: string) => void }) {
  const largest = Math.max(0, ...summary.symbols.flatMap((one) => one.hours.map((cell) => valueOf(cell, side))));
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label="Liquidations by symbol and hour">
      <table className="w-full border-collapse text-2xs">
        <caption className="sr-only">
          Value of liquidations by symbol and hour (UTC), most first: {count(summary.count)} events, {shortDollars(summary.value)}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="label sticky left-0 bg-panel px-3 py-1 text-left font-normal">Symbol</th>
            <th scope="col" className="label px-2 py-1 text-right font-normal">Sum</th>
            {summary.hours.map((hour) => (
              <th key={hour} scope="col" className="label min-w-7 px-0 py-1 text-center font-normal" title={`${utcMoment(hour)} UTC`}>
                {String(new Date(hour).getUTCHours()).padStart(2, "0")}
              </th>
            ))}
            <th scope="col" className="label px-3 py-1 text-left font-normal">Most at</th>
          </tr>
        </thead>
        <tbody>
          {summary.symbols.map((one) => (
            <HeatRow key={one.symbol} one={one} summary={summary} side={side} largest={largest} onSymbol={onSymbol} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeatRowProps {
  one: SymbolSummary;
  summary: TapeSummary;
  side: Side;
  largest: number;
  onSymbol: (symbol: string) => void;
}

function HeatRow({ one, summary, side, largest, onSymbol }: HeatRowProps) {
  const cells = new Map(one.hours.map((cell) => [cell.hour_ms, cell]));
  const [hotspot] = one.hotspots;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="sticky left-0 bg-panel px-3 py-0.5 text-left font-normal whitespace-nowrap">
        <button type="button" className="hover:underline" onClick={() => onSymbol(one.symbol)}>
          {one.symbol}
        </button>
      </th>
      <td className="figure px-2 py-0.5 text-right">{shortDollars(String(one.hours.reduce((sum, cell) => sum + valueOf(cell, side), 0)))}</td>
      {summary.hours.map((hour) => (
        <Cell key={hour} hour={hour} cell={cells.get(hour)} side={side} largest={largest} gap={gapIn(summary.gaps, hour)} />
      ))}
      <td className="px-3 py-0.5 whitespace-nowrap text-dim">
        {hotspot === undefined ? "—" : `${exact(hotspot.from_price)}–${exact(hotspot.to_price)} (${percent(hotspot.share_pct, 0)})`}
      </td>
    </tr>
  );
}

const HOUR_MS = 3_600_000;

function gapIn(gaps: readonly Gap[], hourMs: number): boolean {
  return gaps.some((gap) => gap.from_ms < hourMs + HOUR_MS && (gap.to_ms ?? Infinity) > hourMs);
}

function Cell({ hour, cell, side, largest, gap }: { hour: number; cell: HeatCell | undefined; side: Side; largest: number; gap: boolean }) {
  const value = cell === undefined ? 0 : valueOf(cell, side);
  const share = heatShare(value, largest);
  const told = `${utcMoment(hour)} UTC: ${value === 0 ? "nothing recorded" : `${shortDollars(String(value))} in ${count(cell?.count)}`}${gap ? "; the recording has a gap in this hour" : ""}`;
  return (
    <td title={told} className="h-6 p-px text-center">
      <span className="sr-only">{told}</span>
      <span
        aria-hidden
        className={`block h-5 rounded-sm ${gap ? "outline outline-1 -outline-offset-1 outline-dashed outline-warning" : ""}`}
        style={{ background: share === 0 ? "var(--paint-raised)" : `color-mix(in oklab, var(--paint-loss) ${Math.round(12 + 88 * share)}%, var(--paint-raised))` }}
      />
    </td>
  );
}

function Gaps({ gaps, nowMs }: { gaps: readonly Gap[]; nowMs: number }) {
  if (gaps.length === 0) return <p className="label border-t border-line px-3 py-1.5">No gap in the recording is known in these hours.</p>;
  return (
    <details className="border-t border-line px-3 py-1.5">
      <summary className="text-warning">
        {gaps.length === 1 ? "One gap" : `${gaps.length} gaps`} in the recording (hours outlined)
      </summary>
      <ul className="label mt-1">
        {gaps.map((gap) => (
          <li key={gap.from_ms}>
            {utcMoment(gap.from_ms)} UTC, {gap.to_ms === null ? `for ${duration(nowMs - gap.from_ms)} and still open` : duration(gap.to_ms - gap.from_ms)}: {gap.reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
