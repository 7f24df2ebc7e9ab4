/** What `/api/positions` and `/api/requests` answer. Figures are decimal text, times epoch ms, percents whole ones. */
export type Side = "LONG" | "SHORT";

export interface Mark {
  price: string;
  time_ms: number;
  age_ms: number;
  source: string;
}

export interface Order {
  client_order_id: string;
  venue_order_id: string | null;
  state: string;
  /** The venue itself said that it stands. */
  confirmed: boolean;
  purpose: string;
  side: string;
  symbol: string;
  account: string;
  price: string | null;
  trigger_price: string | null;
  quantity: string | null;
  filled_quantity: string;
  layer: number;
}

export interface Protection extends Order {
  distance_from_entry_pct: string;
  distance_from_mark_pct: string | null;
  pnl_at_trigger_estimate: string;
}

export interface Layer {
  number: number;
  state: "planned" | "reserved" | "sent" | "partially_filled" | "filled" | "cancelled";
  price: string;
  quantity: string;
  notional: string;
  risk: string;
  filled_quantity: string;
  order: string | null;
}

export interface Ladder {
  id: string;
  strategy: string;
  opened_at_ms: number;
  frozen_at_ms: number | null;
  held_at_ms: number | null;
  layers: number;
  layers_filled: number;
  layers_wanted: number;
  next_layer: number | null;
  signal_price: string;
  stop_price: string;
  stop_loss_pct: string;
  take_profit_pct: string;
  reserve: string;
  unclaimed_risk: string;
  params_version: string;
  plan: Layer[];
}

export interface Liquidation {
  known: boolean;
  /** Null with `known`: it is liquidated at no price. */
  price: string | null;
  distance_pct: string | null;
  reason: string;
}

/** 0 is last in line, 4 first; null is not known. */
export interface AdlRank {
  rank: number | null;
  asked_ms: number | null;
  reason: string;
}

export interface Position {
  account: string;
  mode: string;
  id: string;
  symbol: string;
  side: Side;
  strategy: string | null;
  external: boolean;
  quantity: string;
  entry_price: string;
  leverage: number;
  margin: string;
  notional: string;
  mark: Mark | null;
  unrealized_pnl: string | null;
  unrealized_price_pct: string | null;
  unrealized_roe_pct: string | null;
  realized_pnl: string;
  unexplained_quantity: string;
  commission: string;
  /** Of the symbol since the position was opened; null while the books are not imported that far. */
  funding_paid?: string | null;
  stop: Protection | null;
  target: Protection | null;
  protected_for_ms: number | null;
  unprotected_for_ms: number | null;
  opened_at_ms: number;
  updated_at_ms: number;
  age_ms: number;
  filled_risk: string;
  reserved_risk: string;
  filledRiskPercentage: string | null;
  reservedRiskPercentage: string | null;
  risk_flag: string;
  liquidation: Liquidation;
  ladder: Ladder | null;
  /** Missing until the position was read: events do not tell it. */
  adl?: AdlRank;
}

export interface PositionsAnswer {
  time_ms: number;
  positions: Position[];
  entries: Order[];
  unprotected: number;
}

export type RequestState = "asked" | "done" | "refused";

export interface PositionRequest {
  id: string;
  account: string;
  symbol: string;
  side: Side;
  position: string;
  kind: "close" | "stop" | "break_even" | "freeze_layers" | "unfreeze_layers";
  what: string;
  percent: string | null;
  stop_price: string | null;
  quantity: string | null;
  confirmed: boolean;
  state: RequestState;
  reason: string;
  asked_at_ms: number;
  begun_at_ms: number | null;
  finished_at_ms: number | null;
  by: string;
  orders: string[];
}

export interface RequestsAnswer {
  time_ms: number;
  requests: PositionRequest[];
}

export interface RequestAnswer {
  mode: string;
  request: PositionRequest;
}
