import { Delta } from "../../ui/Figure";
import { exact, percent } from "../../words/figures";
import { horizon, unknownText, verdictOf } from "./words";
import type { AfterRow, PriceThen } from "./types";

/** What the price did after a decision, for its side. An estimate, right to within a minute. */
export function After({ row }: { row: AfterRow | undefined }) {
  if (row === undefined) return <span className="text-faint">…</span>;
  return (
    <span className="inline-grid grid-cols-3 gap-x-3">
      {row.after.map((then) => (
        <Then key={then.minutes} then={then} outcome={row.outcome} missing={row.missing} />
      ))}
    </span>
  );
}

function Then({ then, outcome, missing }: { then: PriceThen; outcome: string; missing: string | null }) {
  const label = <span className="sr-only">after {horizon(then.minutes)}: </span>;
  if (then.state !== "known") {
    return (
      <span className="min-w-16 text-right text-faint" title={then.state === "not_known" ? (missing ?? "") : `${horizon(then.minutes)} have not passed`}>
        {label}
        {unknownText(then)}
      </span>
    );
  }
  const verdict = verdictOf(outcome, then.in_favour_pct);
  const best = then.best_pct === null ? "" : ` Best ${percent(then.best_pct, 2, true)}, worst ${percent(then.worst_pct, 2, true)} on the way.`;
  return (
    <span className="min-w-16 text-right" title={`est. ${exact(then.price)} after ${horizon(then.minutes)}.${best}${verdict === null ? "" : outcome === "refused" ? ` The refusal ${verdict === "good" ? "saved" : "cost"} this.` : ""}`}>
      {label}
      <Delta value={then.in_favour_pct ?? then.change_pct} unit="percent" bare />
    </span>
  );
}

export function AfterHead() {
  return (
    <span className="inline-grid grid-cols-3 gap-x-3" title="What the price did for the side of the decision: estimates from one-minute candles">
      <span className="min-w-16 text-right">5 min est.</span>
      <span className="min-w-16 text-right">30 min est.</span>
      <span className="min-w-16 text-right">4 h est.</span>
    </span>
  );
}
