import { Figure } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { figureText } from "../../words/decimal";
import { dollars, exact, percent } from "../../words/figures";
import { utcDay } from "../../words/times";
import { placesOf } from "./ladderMarks";
import type { Layer, Preview, WorstDay } from "./types";

const FIGURES = "grid grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-x-4 gap-y-2";

/** The plan as a whole. */
export function PlanFigures({ preview }: { preview: Preview }) {
  const entry = preview.entry;
  return (
    <dl className={FIGURES}>
      <Figure label="Reserved risk" estimate hint="What all layers lose at the stop, fees and slippage included">
        {dollars(preview.risk)} {preview.risk_equity_pct != null && <span className="text-dim">({percent(preview.risk_equity_pct)})</span>}
      </Figure>
      <Figure label="Notional" estimate>
        {dollars(preview.notional ?? entry?.notional)}
      </Figure>
      <Figure label={`Margin at ${preview.leverage}x ${preview.margin_type}`} estimate>
        {dollars(preview.margin ?? entry?.margin)}
      </Figure>
      {preview.layers !== undefined && (
        <Figure label="Layers" hint="Planned, of those that are wanted">
          {preview.layers.length} of {preview.layers_wanted}
        </Figure>
      )}
      {preview.growth !== undefined && (
        <Figure label="Growth" hint="After what the venue's minimum and the liquidation price leave of it">
          {figureText(preview.growth, { places: 3, least: 0 })}
          {preview.growth !== preview.growth_wanted && <span className="text-warning"> of {exact(preview.growth_wanted)}</span>}
        </Figure>
      )}
      {preview.atr_pct != null && (
        <Figure label="ATR" hint="Average true range: how far the price swings within a candle">
          {percent(preview.atr_pct, 3)}
        </Figure>
      )}
      <Figure label="Stop" hint={preview.stop_anchor === "average" ? "It moves with the average entry" : "It stays where it is when layers fill"}>
        {exact(preview.stop_price)}
      </Figure>
      <Figure label="Equity">{dollars(preview.equity)}</Figure>
    </dl>
  );
}

export function WorstDayFigures({ day, side }: { day: WorstDay; side: string }) {
  return (
    <>
      <dl className={FIGURES}>
        <Figure label="Worst day" hint={`Of ${day.days} days on record, the one with the largest move against a ${side.toLowerCase()}`}>
          {utcDay(day.opened_at_ms)}
        </Figure>
        <Figure label="Move against it">{percent(day.against_pct)}</Figure>
        <Figure label="Layers reached">{day.entries_reached}</Figure>
        <Figure label="Loss with the stop" estimate>
          <span className="text-loss">{dollars(day.loss_with_stop)}</span>
        </Figure>
        <Figure label="Loss without it" estimate>
          <span className="text-loss">{dollars(day.loss_without_stop)}</span>
        </Figure>
      </dl>
      <p className="text-dim">
        Had that day begun at today's price, it would {day.stop_reached ? "have reached the stop" : "not have reached the stop"}. A gap over the stop would cost more.
      </p>
    </>
  );
}

/** Layer by layer: what fills, and the position once it has. */
export function PlanTable({ preview, worstDay }: { preview: Preview; worstDay: boolean }) {
  if (preview.layers === undefined || preview.layers.length === 0) return null;
  const reached = preview.worst_day?.entries_reached ?? 0;
  return (
    <div className="-mx-3">
      <Table caption="Planned layers" columns={columns(worstDay, reached, placesOf(preview))} rows={preview.layers} keyOf={(layer) => String(layer.number)} />
    </div>
  );
}

function columns(worstDay: boolean, reached: number, places: number): Column<Layer>[] {
  const figure = (text: string) => <span className="figure">{text}</span>;
  const own: Column<Layer>[] = [
    { key: "number", title: "Layer", cell: (layer) => figure(String(layer.number)) },
    {
      key: "price",
      title: "Price",
      right: true,
      cell: (layer) => (
        <>
          {figure(exact(layer.price))} <span className="label block whitespace-nowrap">{percent(layer.distance_pct)} off</span>
        </>
      ),
    },
    {
      key: "size",
      title: "Size",
      right: true,
      cell: (layer) => (
        <>
          {figure(dollars(layer.notional))} <span className="label block">{exact(layer.quantity)}</span>
        </>
      ),
    },
    {
      key: "risk",
      title: "Risk est.",
      right: true,
      cell: (layer) => (
        <>
          {figure(dollars(layer.risk))} <span className="label block whitespace-nowrap">{dollars(layer.risk_together)} so far</span>
        </>
      ),
    },
  ];
  const after: Column<Layer>[] = [
    {
      key: "average",
      title: "Average, liq.",
      right: true,
      cell: (layer) => (
        <>
          {figure(figureText(layer.average_price, { places: places + 1, least: 0 }))}{" "}
          <span className="label block whitespace-nowrap">
            <Liquidation layer={layer} places={places} />
          </span>
        </>
      ),
    },
  ];
  const hit: Column<Layer>[] = [
    { key: "reached", title: "On that day", cell: (layer) => (layer.number <= reached ? <span className="text-loss">● reached</span> : <span className="text-faint">○ not reached</span>) },
  ];
  return [...own, ...(worstDay ? hit : after)];
}

function Liquidation({ layer, places }: { layer: Layer; places: number }) {
  const { known, price, reason } = layer.liquidation;
  if (!known) return <span title={reason} className="text-warning">not known</span>;
  return <span className="figure">{price === null ? "at no price" : figureText(price, { places, least: 0 })}</span>;
}
