import type { CascadeNow } from "../../api/overview";
import { linkTo } from "../../app/route";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { utcTime } from "../../words/times";

type Coloured = CascadeNow["symbols"][number];

/** Shape, letter and colour: the same thing three times. */
const LOOK: Readonly<Record<Coloured["colour"], { cell: string; letter: string; word: string }>> = {
  red: { cell: "bg-danger-solid text-on-danger", letter: "R", word: "red, blocks" },
  orange: { cell: "bg-loss-soft text-loss border border-loss", letter: "O", word: "orange, blocks" },
  unknown: { cell: "bg-raised text-faint border border-dashed border-line-strong", letter: "?", word: "unknown, counts as a cascade" },
  yellow: { cell: "bg-warning-soft text-warning", letter: "Y", word: "yellow" },
  green: { cell: "bg-profit-soft text-profit", letter: "G", word: "green" },
};

export function CascadeCard({ cascades, state }: { cascades: readonly CascadeNow[]; state: CardState }) {
  const shown: CardState = state.kind === "ready" && cascades.length === 0 ? { kind: "empty", text: "The stream worker has not measured cascades yet." } : state;
  const measured = cascades.map((one) => one.measured_at_ms);
  return (
    <Card
      title="Cascades"
      source="stream worker"
      atMs={measured.length === 0 ? undefined : Math.max(...measured)}
      periodMs={15_000}
      state={shown}
      actions={
        <a href={linkTo("liquidations")} className="text-xs text-dim underline decoration-dotted hover:text-text">
          Liquidations
        </a>
      }
    >
      <div className="flex flex-col gap-3">
        {cascades.map((one) => (
          <Strip key={`${one.venue} ${one.formula}`} cascade={one} />
        ))}
      </div>
    </Card>
  );
}

function Strip({ cascade }: { cascade: CascadeNow }) {
  return (
    <div>
      <p className="mb-1 flex flex-wrap items-center gap-x-2">
        <span className="font-medium">{cascade.formula}</span>
        <span className="text-dim">
          {cascade.blocked_symbols} of {cascade.fresh_symbols} in a cascade
          {cascade.fresh_symbols < cascade.monitored_symbols && `, ${cascade.monitored_symbols - cascade.fresh_symbols} without fresh data`}
        </span>
        {cascade.blocked && <Chip tone="alarm">everything waits</Chip>}
        {cascade.late && <Chip tone="warning">too old to believe</Chip>}
      </p>
      <ul className="flex flex-wrap gap-1">
        {cascade.symbols.map((one) => (
          <li
            key={one.symbol}
            title={`${one.symbol}: ${LOOK[one.colour].word}, ${one.points} of 6 points, since ${utcTime(one.since_ms)} UTC`}
            className={`rounded px-1.5 text-2xs ${LOOK[one.colour].cell}`}
          >
            {one.symbol.replace(/USDT$/, "")} <span aria-hidden>{LOOK[one.colour].letter}</span>
            <span className="sr-only">{LOOK[one.colour].word}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
