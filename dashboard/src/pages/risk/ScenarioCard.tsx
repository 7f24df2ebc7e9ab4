import { useState } from "react";
import { Card } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Delta } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { dollars, NONE, percent } from "../../words/figures";
import { minus, plus } from "../positions/arithmetic";
import { price } from "../positions/words";
import type { AccountRisk, Fate, Leg, Outcome, Shock } from "./types";

interface Scenario {
  key: string;
  title: string;
  withStops: Outcome;
  withoutStops: Outcome | null;
  complete: boolean;
}

/** All stops hit at once, then the shocks from small to large. */
export function scenariosOf(risk: AccountRisk): Scenario[] {
  const lost = minus("0", risk.budget.filled);
  const hit = risk.positions.flatMap((one) => one.legs.map((leg) => stopHit(one.symbol, leg))).filter((fate) => fate !== null);
  const left = lost === null || risk.equity === null ? null : plus(risk.equity, lost);
  const allStops: Scenario = { key: "stops", title: "All stops hit", withStops: { pnl: lost, equity: left, margin_usage_pct: null, stopped: hit.map((one) => `${one.symbol} ${one.side}`), liquidated: [], positions: hit }, withoutStops: null, complete: true };
  return [allStops, ...risk.shocks.map(shockScenario)];
}

function stopHit(symbol: string, leg: Leg): Fate | null {
  const lost = minus("0", leg.filled);
  if (leg.stop_price === null || lost === null) return null;
  return { symbol, side: leg.side, fate: "stopped", price: leg.stop_price, exit_price: leg.stop_price, pnl: lost };
}

function shockScenario(shock: Shock): Scenario {
  const title = `All prices ${percent(shock.price_change_pct, 1, true)}`;
  return { key: shock.price_change_pct, title, withStops: shock.with_stops, withoutStops: shock.without_stops, complete: shock.complete };
}

export function ScenarioCard({ risk, atMs, periodMs }: { risk: AccountRisk; atMs: number; periodMs: number }) {
  const scenarios = scenariosOf(risk);
  const [chosen, setChosen] = useState(0);
  const shown = scenarios[Math.min(chosen, scenarios.length - 1)];
  const columns: readonly Column<Scenario>[] = [
    {
      key: "title",
      title: "Scenario",
      cell: (one) => (
        <button type="button" aria-pressed={one.key === shown?.key} className={`text-left hover:underline ${one.key === shown?.key ? "font-semibold" : ""}`} onClick={() => setChosen(scenarios.indexOf(one))}>
          <span className="whitespace-nowrap">{one.title}</span>
          {!one.complete && <span className="label block text-warning">some marks are not known</span>}
        </button>
      ),
    },
    { key: "pnl", title: "Result", right: true, cell: (one) => <Delta value={one.withStops.pnl} bare /> },
    { key: "equity", title: "Equity after", right: true, cell: (one) => <span className="figure">{dollars(one.withStops.equity)}</span> },
    { key: "usage", title: "Margin used", right: true, wide: true, cell: (one) => <span className="figure">{percent(one.withStops.margin_usage_pct)}</span> },
    { key: "ends", title: "Stops · liq.", right: true, cell: (one) => <Ends outcome={one.withStops} /> },
    { key: "bare", title: "If no stop filled", right: true, cell: (one) => (one.withoutStops === null ? NONE : <Delta value={one.withoutStops.pnl} bare />) },
    { key: "bareEnds", title: "Liquidated then", right: true, wide: true, cell: (one) => (one.withoutStops === null ? NONE : <span className="figure">{one.withoutStops.liquidated.length}</span>) },
  ];
  return (
    <Card title="Scenarios" source="estimates, reckoned here" atMs={atMs} periodMs={periodMs} flush state={risk.positions.length === 0 ? { kind: "empty", text: "No position is open: nothing can be shocked." } : { kind: "ready" }}>
      <Table caption="What would happen to the account" columns={columns} rows={scenarios} keyOf={(one) => one.key} />
      <div className="flex flex-wrap items-center gap-3 border-t border-line px-3 py-2">
        <label className="flex items-center gap-2">
          <span className="text-dim">Scenario</span>
          <input
            type="range"
            min={0}
            max={scenarios.length - 1}
            step={1}
            value={chosen}
            onChange={(event) => setChosen(Number(event.target.value))}
            aria-valuetext={shown?.title}
            className="w-40 accent-reserved"
          />
        </label>
        <span className="font-medium">{shown?.title}</span>
      </div>
      {shown !== undefined && shown.withStops.positions.length > 0 && (
        <Table caption={`Each position: ${shown.title}`} columns={FATES} rows={shown.withStops.positions} keyOf={(one) => `${one.symbol} ${one.side}`} />
      )}
      <p className="label px-3 pb-2">{risk.shocks_note}</p>
    </Card>
  );
}

function Ends({ outcome }: { outcome: Outcome }) {
  const liquidated = outcome.liquidated.length;
  return (
    <span className="figure" title={[...outcome.stopped, ...outcome.liquidated].join(", ")}>
      {outcome.stopped.length} · <span className={liquidated > 0 ? "font-semibold text-danger" : ""}>{liquidated > 0 ? `⚠ ${liquidated}` : "0"}</span>
    </span>
  );
}

const FATE: Readonly<Record<Fate["fate"], { tone: "plain" | "warning" | "danger"; title: string }>> = {
  held: { tone: "plain", title: "held" },
  stopped: { tone: "warning", title: "stopped" },
  liquidated: { tone: "danger", title: "⚠ liquidated" },
};

const FATES: readonly Column<Fate>[] = [
  { key: "symbol", title: "Position", cell: (one) => <span className="whitespace-nowrap">{`${one.symbol} ${one.side.toLowerCase()}`}</span> },
  { key: "fate", title: "Fate", cell: (one) => <Chip tone={FATE[one.fate].tone}>{FATE[one.fate].title}</Chip> },
  { key: "price", title: "Price then", right: true, cell: (one) => <span className="figure">{price(one.price)}</span> },
  { key: "exit", title: "Exit at", right: true, wide: true, cell: (one) => <span className="figure">{price(one.exit_price)}</span> },
  { key: "pnl", title: "Change", right: true, cell: (one) => <Delta value={one.pnl} bare /> },
];
