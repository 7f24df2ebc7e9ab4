import { signedDollars, percent, NONE } from "../../words/figures";
import { asNumber } from "../../words/decimal";
import type { Liquidation, Protection } from "./types";
import { price, shortId } from "./words";

interface ProtectionViewProps {
  title: "Stop" | "Target";
  order: Protection | null;
  /** False while only an event told of the position: what protects it was not read yet. */
  read: boolean;
}

/** A stop or a target: where it stands, whether the venue confirmed it, under which id, and what it would make. */
export function ProtectionView({ title, order, read }: ProtectionViewProps) {
  if (!read) {
    return (
      <div className="min-w-0">
        <div className="label">{title}</div>
        <div className="text-dim">being read…</div>
      </div>
    );
  }
  if (order === null) {
    return (
      <div className="min-w-0">
        <div className="label">{title}</div>
        <div className={title === "Stop" ? "font-medium text-danger" : "text-faint"}>{title === "Stop" ? "⚠ none" : NONE}</div>
      </div>
    );
  }
  const confirmed = order.confirmed ? "The venue confirmed that it stands" : `Not confirmed by the venue: ${order.state}`;
  const ids = `${order.client_order_id}${order.venue_order_id === null ? "" : `, at the venue ${order.venue_order_id}`}`;
  return (
    <div className="min-w-0">
      <div className="label">{title}</div>
      <div className="figure">
        {price(order.trigger_price)}{" "}
        <span role="img" aria-label={confirmed} title={confirmed} className={order.confirmed ? "text-profit" : "text-danger"}>
          {order.confirmed ? "✓" : "?"}
        </span>
      </div>
      <div className="figure text-2xs text-dim" title="Distance from the mark price; what it would make, before fees and slippage">
        {percent(order.distance_from_mark_pct, 2, true)} · {signedDollars(order.pnl_at_trigger_estimate, 2)}
        <span className="text-faint"> est.</span>
      </div>
      <div className="figure truncate text-2xs text-faint" title={ids}>
        {shortId(order.client_order_id)}
      </div>
    </div>
  );
}

/** How far the price is from liquidation: a full bar is 25 % or more away. */
export function LiquidationBar({ liquidation }: { liquidation: Liquidation }) {
  if (!liquidation.known) {
    return (
      <div className="min-w-0">
        <div className="label">Liquidation est.</div>
        <div className="text-warning" title={liquidation.reason}>
          not known
        </div>
      </div>
    );
  }
  const distance = asNumber(liquidation.distance_pct);
  const near = Number.isFinite(distance) && distance < 5;
  const width = Number.isFinite(distance) ? Math.min(100, Math.max(0, (distance / 25) * 100)) : 0;
  return (
    <div className="min-w-0" title="Reckoned from the venue's tiers and the stored balance">
      <div className="label">Liquidation est.</div>
      <div className="figure">{liquidation.price === null ? "at no price" : price(liquidation.price)}</div>
      {liquidation.price !== null && (
        <div className="flex items-center gap-1.5">
          <div aria-hidden className="h-1.5 w-14 overflow-hidden rounded-sm bg-line">
            <div className={`h-full ${near ? "bg-danger" : "bg-dim"}`} style={{ width: `${width}%` }} />
          </div>
          <span className={`figure text-2xs ${near ? "text-danger" : "text-dim"}`}>
            {near ? "⚠ " : ""}
            {percent(liquidation.distance_pct)} away
          </span>
        </div>
      )}
    </div>
  );
}
