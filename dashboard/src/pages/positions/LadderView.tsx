import type { ReactNode } from "react";
import { Chip } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { dollars, percent } from "../../words/figures";
import type { Ladder, Layer } from "./types";
import { price, quantity } from "./words";

const STATE: Readonly<Record<Layer["state"], { title: string; mark: string; look: string }>> = {
  planned: { title: "planned", mark: "", look: "border-line-strong" },
  reserved: { title: "being sent", mark: "…", look: "border-reserved" },
  sent: { title: "waiting at the venue", mark: "→", look: "border-reserved bg-reserved-soft text-reserved" },
  partially_filled: { title: "partly filled", mark: "◐", look: "border-text bg-raised" },
  filled: { title: "filled", mark: "●", look: "border-text bg-text text-ground" },
  cancelled: { title: "given up", mark: "×", look: "border-line text-faint" },
};

export function isFrozen(ladder: Ladder): boolean {
  return ladder.held_at_ms !== null || ladder.frozen_at_ms !== null;
}

/** How far the ladder has come, at a glance. */
export function LadderPips({ ladder }: { ladder: Ladder }) {
  const words = ladder.plan.map((layer) => `layer ${layer.number} ${STATE[layer.state].title}`).join(", ");
  return (
    <div className="flex flex-col gap-0.5">
      <div className="flex flex-wrap items-center gap-0.5" role="img" aria-label={words} title={words}>
        {ladder.plan.map((layer) => (
          <span
            key={layer.number}
            aria-hidden
            className={`inline-flex size-3.5 items-center justify-center rounded-sm border text-[8px] leading-none ${STATE[layer.state].look}`}
          >
            {STATE[layer.state].mark}
          </span>
        ))}
      </div>
      <span className="figure text-2xs text-dim">
        {ladder.layers_filled} of {ladder.layers} filled
      </span>
    </div>
  );
}

const COLUMNS: readonly Column<Layer>[] = [
  { key: "number", title: "Layer", cell: (layer) => <span className="figure">{layer.number}</span> },
  {
    key: "state",
    title: "State",
    cell: (layer) => (
      <Chip tone={layer.state === "filled" ? "profit" : layer.state === "sent" ? "reserved" : "plain"}>
        <span aria-hidden>{STATE[layer.state].mark}</span> {STATE[layer.state].title}
      </Chip>
    ),
  },
  { key: "price", title: "Price", right: true, cell: (layer) => <span className="figure">{price(layer.price)}</span> },
  { key: "quantity", title: "Quantity", right: true, cell: (layer) => <span className="figure">{quantity(layer.quantity)}</span> },
  { key: "filled", title: "Filled", right: true, cell: (layer) => <span className="figure">{quantity(layer.filled_quantity)}</span> },
  { key: "notional", title: "Notional", right: true, wide: true, cell: (layer) => <span className="figure">{dollars(layer.notional)}</span> },
  { key: "risk", title: "Risk at stop", right: true, cell: (layer) => <span className="figure">{dollars(layer.risk)}</span> },
];

/** The plan, layer by layer: what was planned, what waits at the venue, what has filled. */
export function LadderDetail({ ladder, symbol }: { ladder: Ladder; symbol: string }) {
  return (
    <div className="flex flex-col gap-2 border-t border-line bg-ground/40 p-3">
      <dl className="flex flex-wrap gap-x-6 gap-y-1">
        <Term title="Signal price">{price(ladder.signal_price)}</Term>
        <Term title="Planned stop">{price(ladder.stop_price)}</Term>
        <Term title="Stop / target">
          {percent(ladder.stop_loss_pct)} / {percent(ladder.take_profit_pct)}
        </Term>
        <Term title="Reserve of the ladder">{dollars(ladder.reserve)}</Term>
        <Term title="Still held for free layers">{dollars(ladder.unclaimed_risk)}</Term>
        <Term title="Parameters">{ladder.params_version}</Term>
        <Term title="Opened">
          <Moment ms={ladder.opened_at_ms} />
        </Term>
        {ladder.held_at_ms !== null && (
          <Term title="Frozen by a person">
            <Moment ms={ladder.held_at_ms} />
          </Term>
        )}
        {ladder.frozen_at_ms !== null && (
          <Term title="Layers given up">
            <Moment ms={ladder.frozen_at_ms} />
          </Term>
        )}
      </dl>
      <Table caption={`Layers of the ladder on ${symbol}`} columns={COLUMNS} rows={ladder.plan} keyOf={(layer) => String(layer.number)} />
    </div>
  );
}

function Term({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt className="label">{title}</dt>
      <dd className="figure">{children}</dd>
    </div>
  );
}
