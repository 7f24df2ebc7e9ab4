import type { LiveEvent } from "../live/contract";
import type { AccountNow, AlertNow, BlockNow, Happened, Overview, PositionNow } from "./overview";

const MOST_EVENTS = 20;

/** News that the overview takes in without asking: their data are its own rows. */
export const PATCHING = ["position", "risk", "balance", "switch", "trade_block", "alert", "fill"] as const;

/** The overview after `events`. Prices are not in the news: those that are known stay until it is asked for again. */
export function withNews(overview: Overview, events: readonly LiveEvent[]): Overview {
  return events.reduce(withOne, overview);
}

function withOne(overview: Overview, event: LiveEvent): Overview {
  switch (event.kind) {
    case "position":
      return { ...overview, positions: withPosition(overview.positions, event) };
    case "risk":
    case "balance":
    case "switch":
      return { ...overview, accounts: overview.accounts.map((one) => (one.account === event.account ? withAccount(one, event) : one)) };
    case "trade_block":
      return { ...overview, blocks: rowsOf<BlockNow>(event.data["blocks"]) };
    case "alert":
      return withAlert(overview, event);
    case "fill":
      return { ...overview, events: [filled(event), ...overview.events.filter((one) => one.id !== filled(event).id)].slice(0, MOST_EVENTS) };
    default:
      return overview;
  }
}

/** The desk's rows as its document describes them: the contract is the type. */
function rowsOf<Row>(value: unknown): Row[] {
  return Array.isArray(value) ? (value as Row[]) : [];
}

function withPosition(positions: readonly PositionNow[], event: LiveEvent): PositionNow[] {
  const row = event.data as unknown as PositionNow & { open: boolean };
  const same = (one: PositionNow) => one.account === row.account && one.symbol === row.symbol && one.side === row.side;
  const before = positions.find(same);
  const others = positions.filter((one) => !same(one));
  if (!row.open) return others;
  const priced: PositionNow =
    row.mark_price === null && before !== undefined && before.quantity === row.quantity
      ? {
          ...row,
          mark_price: before.mark_price,
          unrealized_pnl: before.unrealized_pnl,
          unrealized_roe_pct: before.unrealized_roe_pct,
          liquidation_distance_pct: before.liquidation_distance_pct,
        }
      : row;
  return before === undefined ? [...others, priced] : positions.map((one) => (same(one) ? priced : one));
}

function withAccount(account: AccountNow, event: LiveEvent): AccountNow {
  if (event.kind === "risk") return { ...account, risk: event.data as AccountNow["risk"] };
  if (event.kind === "switch") return { ...account, switch: event.data as AccountNow["switch"] };
  const money = event.data as NonNullable<AccountNow["money"]>;
  return typeof money.equity === "string" ? { ...account, money } : account;
}

function withAlert(overview: Overview, event: LiveEvent): Overview {
  const row = event.data as unknown as AlertNow & { open: boolean };
  const others = overview.alerts.filter((one) => one.key !== row.key);
  const alerts = row.open ? [row, ...others] : others;
  const counted = { ...overview.open_alerts };
  const known = overview.alerts.some((one) => one.key === row.key);
  const change = row.open === known ? 0 : row.open ? 1 : -1;
  counted[row.level] = Math.max(0, (counted[row.level] ?? 0) + change);
  return { ...overview, alerts, open_alerts: counted };
}

function filled(event: LiveEvent): Happened {
  const row = event.data as unknown as Pick<Happened, "symbol" | "side" | "position_side" | "quantity" | "price" | "realized_pnl"> & { trade_id: unknown };
  return {
    id: `fill ${event.account ?? ""} ${row.symbol ?? ""} ${String(row.trade_id)}`,
    time_ms: event.at_ms,
    kind: "fill",
    account: event.account,
    symbol: row.symbol,
    side: row.side,
    position_side: row.position_side,
    quantity: row.quantity,
    price: row.price,
    realized_pnl: row.realized_pnl,
    level: null,
    words: "",
    by: "",
  };
}
