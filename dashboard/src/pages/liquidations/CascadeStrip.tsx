import { Card, type CardState } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { exact, percent } from "../../words/figures";
import { duration } from "../../words/times";
import { useNow } from "../../words/now";
import type { CascadeAggregate, CascadeRow, Windows } from "./types";

const TONE: Record<CascadeRow["colour"], ChipTone> = {
  green: "profit",
  yellow: "warning",
  orange: "loss",
  red: "alarm",
  unknown: "danger",
};
const SHAPE: Record<CascadeRow["colour"], string> = { green: "●", yellow: "◐", orange: "▲", red: "■", unknown: "?" };
const FORMULA: Record<string, string> = { magnitude: "magnitude", legacy: "as published" };

/** Colour, shape and word say the same. Orange, red and unknown block. */
export function CascadeLight({ cascade }: { cascade: CascadeRow }) {
  const parts = [
    `liquidations ${exact(cascade.liquidations)}`,
    `returns ${exact(cascade.returns)}`,
    `open interest ${exact(cascade.open_interest)}`,
  ];
  const told = `${exact(cascade.points)} of 6 points: ${parts.join(", ")}. Reversal ${cascade.reversal}. ${cascade.reason}`;
  return (
    <Chip tone={TONE[cascade.colour]} title={told}>
      <span aria-hidden>{SHAPE[cascade.colour]}</span>
      {cascade.colour} {exact(cascade.points)}/6
      <span>{FORMULA[cascade.formula] ?? cascade.formula}</span>
    </Chip>
  );
}

/** Whether the market as a whole is in a cascade. */
export function CascadeStrip({ windows, state }: { windows: Windows | undefined; state: CardState }) {
  const cascade = windows?.cascade;
  return (
    <Card
      title="Cascades"
      source="worker, each second"
      atMs={cascade?.measured_at_ms ?? undefined}
      periodMs={15_000}
      state={cascade !== undefined && cascade.measured_at_ms === null ? { kind: "empty", text: EMPTY } : state}
    >
      {cascade !== undefined && (
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          {cascade.stale && <p className="text-warning">Not measured for {duration(cascade.age_ms ?? 0)}: no colour is to be believed, and ladders do not enter.</p>}
          {cascade.aggregates.map((one) => (
            <Aggregate key={one.formula} one={one} />
          ))}
          {!cascade.open_interest_served && <p className="label">The venue tells no open interest: two of three parts count.</p>}
        </div>
      )}
    </Card>
  );
}

const EMPTY = "Nothing was measured yet: cascades are measured once a ladder is configured.";

function Aggregate({ one }: { one: CascadeAggregate }) {
  const forMs = Math.max(0, useNow() - one.since_ms);
  return (
    <p className="flex flex-wrap items-center gap-2">
      <Chip tone={one.blocked ? "alarm" : "profit"}>
        <span aria-hidden>{one.blocked ? "■" : "●"}</span>
        {one.blocked ? "market in a cascade" : "market calm"}
      </Chip>
      <span>
        <span className="figure">
          {one.blocked_symbols}/{one.fresh_symbols}
        </span>{" "}
        symbols ({percent(one.share_pct, 0)}), blocks at 50%, releases below 35%
      </span>
      <span className="label">
        {FORMULA[one.formula] ?? one.formula}, for {duration(forMs)}
      </span>
    </p>
  );
}
