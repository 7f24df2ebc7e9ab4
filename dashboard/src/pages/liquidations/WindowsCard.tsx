import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { linkTo } from "../../app/route";
import { asNumber } from "../../words/decimal";
import { count, exact, percent, shortDollars } from "../../words/figures";
import { duration } from "../../words/times";
import { CascadeLight } from "./CascadeStrip";
import type { StrategyProgress, SymbolProgress, Threshold, Windows } from "./types";

const WINDOWS_MS = 3_000;

export function useWindows() {
  return useApi<Windows>("windows", {}, { everyMs: WINDOWS_MS, staleMs: WINDOWS_MS, keep: true });
}

interface WindowsCardProps {
  query: ReturnType<typeof useWindows>;
  chosen: string;
  onSymbol: (symbol: string) => void;
}

/** How near each symbol is to a signal, toward a long and toward a short. */
export function WindowsCard({ query, chosen, onSymbol }: WindowsCardProps) {
  const answer = query.data?.data;
  const state = cardState(query, (found) =>
    found.data.symbols.length === 0 ? "No strategy names a symbol yet. Add one under Strategies." : null,
  );
  return (
    <Card title="Progress to a signal" source="stored tape" atMs={answer?.time_ms} periodMs={WINDOWS_MS * 2} state={state} flush>
      {answer !== undefined && (
        <>
          <Coverage coverage={answer.coverage} />
          <ul className="max-h-[33rem] divide-y divide-line overflow-y-auto" aria-label="Symbols, nearest to a signal first">
            {answer.symbols.map((row) => (
              <SymbolRow key={row.symbol} row={row} chosen={row.symbol === chosen} onSymbol={onSymbol} />
            ))}
          </ul>
          {answer.truncated && <p className="label px-3 py-1.5">Only the nearest {answer.symbols.length} symbols are shown.</p>}
        </>
      )}
    </Card>
  );
}

function Coverage({ coverage }: { coverage: Windows["coverage"] }) {
  if (coverage.covered) return null;
  const text =
    coverage.worker === null
      ? "No worker has ever reported: nothing is heard, and nothing is traded on."
      : coverage.late
        ? `The worker was last heard ${duration(coverage.age_ms ?? 0)} ago: nothing is traded on until it is back.`
        : "The worker has not yet heard a whole window without a gap: nothing is traded on these sums.";
  return <p className="border-b border-line bg-warning-soft px-3 py-1.5 text-warning">{text}</p>;
}

function SymbolRow({ row, chosen, onSymbol }: { row: SymbolProgress; chosen: boolean; onSymbol: (symbol: string) => void }) {
  return (
    <li className={`px-3 py-2 ${chosen ? "bg-hover" : ""}`}>
      <div className="mb-1 flex flex-wrap items-center gap-2">
        <button type="button" className="font-medium hover:underline" aria-pressed={chosen} onClick={() => onSymbol(row.symbol)}>
          {row.symbol}
        </button>
        {row.cascades.map((cascade) => (
          <CascadeLight key={cascade.formula} cascade={cascade} />
        ))}
      </div>
      <div className="flex flex-col gap-1.5">
        {row.strategies.map((strategy) => (
          <Progress key={strategy.strategy} symbol={row.symbol} strategy={strategy} />
        ))}
      </div>
    </li>
  );
}

function Progress({ symbol, strategy }: { symbol: string; strategy: StrategyProgress }) {
  return (
    <div className={strategy.enabled ? "" : "grayscale"}>
      <p className="label flex flex-wrap gap-x-2">
        <span>
          {strategy.strategy} ({strategy.kind}
          {strategy.window_s === null ? "" : `, window ${duration(strategy.window_s * 1_000)}`})
        </span>
        {!strategy.enabled && <span>switched off</span>}
        {strategy.simulate && <span>simulates only</span>}
      </p>
      {strategy.thresholds.map((threshold) => (
        <Bar key={threshold.side} symbol={symbol} threshold={threshold} unit={strategy.unit} />
      ))}
      {strategy.kind === "ladder" && <LadderRank strategy={strategy} />}
    </div>
  );
}

function Bar({ symbol, threshold, unit }: { symbol: string; threshold: Threshold; unit: StrategyProgress["unit"] }) {
  const reached = asNumber(threshold.progress_pct);
  const amount = (text: string) => (unit === "usdt" ? shortDollars(text) : exact(text));
  const long = threshold.side === "LONG";
  return (
    <div className="grid grid-cols-[3.25rem_1fr_auto] items-center gap-2" title={`${count(threshold.events)} liquidations of ${threshold.liquidated}s in the window`}>
      <span className={long ? "text-profit" : "text-loss"}>
        <span aria-hidden>{long ? "▲" : "▼"}</span> {threshold.side.toLowerCase()}
      </span>
      <div
        role="progressbar"
        aria-label={`${symbol} toward a ${threshold.side.toLowerCase()}`}
        aria-valuenow={Math.min(100, Math.round(reached))}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={`${amount(threshold.volume)} of ${amount(threshold.threshold)}`}
        className="h-2 overflow-hidden rounded-sm bg-raised outline outline-line"
      >
        <div className={`h-full ${long ? "bg-profit" : "bg-loss"} ${reached >= 100 ? "" : "opacity-70"}`} style={{ width: `${Math.min(100, reached)}%` }} />
      </div>
      <span className="figure text-right text-dim">
        {threshold.traded ? `${amount(threshold.volume)} / ${amount(threshold.threshold)}` : "not traded"}{" "}
        {threshold.traded && <span className={reached >= 100 ? "text-text" : "text-faint"}>{percent(threshold.progress_pct, 0)}</span>}
      </span>
    </div>
  );
}

function LadderRank({ strategy }: { strategy: StrategyProgress }) {
  const { last } = strategy;
  const history = last?.history_events == null ? "" : `, ${last.history_events} of ${count(strategy.min_history)} earlier ones`;
  return (
    <p className="text-dim">
      Wants a size at percentile <span className="figure">{exact(strategy.percentile)}</span> or above.{" "}
      {last === null ? (
        "No liquidation was looked at in the last 6 hours."
      ) : (
        <>
          The last one, {duration(last.age_ms)} ago, stood at <span className="figure">{last.percentile === null ? "no rank" : exact(last.percentile)}</span>
          {history}: <a className="underline" href={linkTo("decisions", [], { gate: last.gate })}>{last.outcome === "refused" ? last.gate.replaceAll("_", " ") : last.outcome}</a>
          {last.outcome !== "refused" && <Chip tone="profit">{last.outcome}</Chip>}
        </>
      )}
    </p>
  );
}
