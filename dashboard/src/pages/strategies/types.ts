/** What the API says of strategies. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface StrategySummary {
  id: string;
  kind: string;
  account: string;
  mode: string | null;
  enabled: boolean;
  version: number;
  symbols: readonly string[];
  version_in_force: string | null;
}

export interface Strategies {
  time_ms: number;
  strategies: readonly StrategySummary[];
}

export interface StrategyAnswer extends StrategySummary {
  time_ms: number;
  document: JsonObject;
}

export interface Flaw {
  field: string;
  value: string;
  allowed: string;
}

/** `document` is the draft in canonical form; it is missing where there are flaws. */
export interface Checked {
  valid: boolean;
  flaws: readonly Flaw[];
  warnings: readonly string[];
  stored_version?: number;
  changes_anything?: boolean;
  document?: JsonObject;
}

export interface Changed {
  name: string;
  version: number;
  document: JsonObject;
  warnings: readonly string[];
}

export interface Change {
  version: number;
  time_ms: number;
  by: string;
  action: string;
  /** The lines that changed; for a version whose predecessor is not on record it is all there is. */
  difference: string;
  document: JsonObject | null;
}

export interface Changes {
  time_ms: number;
  strategy: string;
  changes: readonly Change[];
  next_cursor?: string | null;
}

export interface Session {
  id: string;
  account: string;
  strategy: string;
  open: boolean;
  opened_at_ms: number;
  opened_by: string;
  archived_at_ms: number | null;
  archived_by: string | null;
  note: string;
  open_positions: number;
  closed_positions: number;
  wins: number;
  net_pnl: string;
}

export interface Sessions {
  time_ms: number;
  results_from_ms: number;
  sessions: readonly Session[];
}

export interface Liquidation {
  known: boolean;
  price: string | null;
  reason: string;
}

export interface Layer {
  number: number;
  price: string;
  distance_pct: string;
  quantity: string;
  notional: string;
  margin: string;
  risk: string;
  average_price: string;
  risk_together: string;
  margin_together: string;
  stop_price: string;
  target_price: string;
  liquidation: Liquidation;
}

export interface WorstDay {
  opened_at_ms: number;
  days: number;
  from_ms: number;
  against_pct: string;
  extreme_price: string;
  entries_reached: number;
  stop_reached: boolean;
  loss_with_stop: string;
  loss_without_stop: string;
}

export interface LeastBalanceRow {
  balance: string;
  layers: number;
  margin: string;
  risk: string;
  risk_pct: string;
  within_limits: boolean;
}

export interface LeastBalance {
  to_trade: LeastBalanceRow | null;
  as_wanted: LeastBalanceRow | null;
  reason: string;
}

export interface Preview {
  time_ms: number;
  strategy: string;
  kind: string;
  account: string;
  symbol: string;
  side: string;
  mark: string;
  prices_age_ms: number;
  equity: string | null;
  available: string | null;
  leverage: number;
  margin_type: string;
  refused: string | null;
  signal_price?: string;
  stop_price?: string;
  target_price?: string;
  stop_anchor?: string;
  stop_loss_pct?: string;
  take_profit_pct?: string;
  atr_pct?: string | null;
  growth?: string;
  growth_wanted?: string;
  layers_wanted?: number;
  layers?: readonly Layer[];
  notional?: string;
  margin?: string;
  risk?: string;
  risk_equity_pct?: string | null;
  worst_day?: WorstDay | null;
  least_balance?: LeastBalance;
  entry?: { price: string; quantity: string; notional: string; margin: string } | null;
  liquidation?: Liquidation;
  balance_needed?: string;
  min_notional?: string;
  trade_value_needed?: string;
  inputs?: Readonly<Record<string, string>>;
}
