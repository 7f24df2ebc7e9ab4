/** What the API tells of the flow of liquidations. Figures are decimal text, times epoch ms. */

export interface TapeRow {
  id: string;
  symbol: string;
  side: "BUY" | "SELL";
  /** The side of the positions that were liquidated. */
  liquidated: "long" | "short";
  quantity: string;
  price: string;
  value: string;
  event_time_ms: number;
  watched: boolean;
}

export interface Tape {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  sampled: string;
  liquidations: TapeRow[];
  next_cursor: string | null;
}

export interface SizeAt {
  percentile: number;
  value: string;
}

export interface HeatCell {
  hour_ms: number;
  count: number;
  long_value: string;
  short_value: string;
}

export interface Hotspot {
  from_price: string;
  to_price: string;
  value: string;
  count: number;
  share_pct: string;
}

export interface SymbolSummary {
  symbol: string;
  watched: boolean;
  count: number;
  long_value: string;
  short_value: string;
  largest: string;
  last_ms: number;
  sizes: SizeAt[];
  hours: HeatCell[];
  hotspots: Hotspot[];
}

export interface Gap {
  from_ms: number;
  to_ms: number | null;
  reason: string;
}

export interface TapeSummary {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  hours: number[];
  sampled: string;
  count: number;
  value: string;
  symbols_seen: number;
  symbols: SymbolSummary[];
  sizes: SizeAt[];
  gaps: Gap[];
}

export interface Threshold {
  side: "LONG" | "SHORT";
  liquidated: "long" | "short";
  traded: boolean;
  volume: string;
  threshold: string;
  upper: string | null;
  progress_pct: string;
  events: number;
}

export interface StrategyProgress {
  strategy: string;
  account: string;
  kind: "hunter" | "ladder";
  enabled: boolean;
  simulate: boolean;
  window_s: number | null;
  unit: "usdt" | "tokens" | null;
  thresholds: Threshold[];
  percentile: string | null;
  min_history: number | null;
  last: {
    percentile: string | null;
    history_events: string | null;
    outcome: string;
    gate: string;
    at_ms: number;
    age_ms: number;
  } | null;
}

export interface CascadeRow {
  formula: string;
  colour: "green" | "yellow" | "orange" | "red" | "unknown";
  points: string;
  liquidations: string | null;
  returns: string | null;
  open_interest: string | null;
  reversal: string;
  since_ms: number;
  reason: string;
}

export interface SymbolProgress {
  symbol: string;
  strategies: StrategyProgress[];
  cascades: CascadeRow[];
}

export interface CascadeAggregate {
  formula: string;
  blocked: boolean;
  blocked_symbols: number;
  fresh_symbols: number;
  monitored_symbols: number;
  share_pct: string;
  since_ms: number;
}

export interface Windows {
  time_ms: number;
  venue: string;
  sampled: string;
  coverage: { worker: string | null; heard_at_ms: number | null; age_ms: number | null; late: boolean; covered: boolean };
  cascade: {
    measured_at_ms: number | null;
    age_ms: number | null;
    stale: boolean;
    open_interest_served: boolean;
    aggregates: CascadeAggregate[];
  };
  symbols: SymbolProgress[];
  truncated: boolean;
}

export interface CandleRow {
  time_ms: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  closed: boolean;
}

export interface ChartFill {
  account: string;
  mode: string;
  trade_id: string;
  client_order_id: string | null;
  side: "BUY" | "SELL";
  position_side: string | null;
  price: string;
  quantity: string;
  notional: string;
  realized_pnl: string;
  time_ms: number;
}

export interface LiquidatedInCandle {
  time_ms: number;
  long_value: string;
  short_value: string;
  largest: string;
  count: number;
}

export interface Chart {
  time_ms: number;
  symbol: string;
  interval: string;
  interval_s: number;
  from_ms: number;
  to_ms: number;
  sampled: string;
  candles: CandleRow[];
  candles_source: { source: string; asked_at_ms: number | null; age_ms: number | null; missing: string | null };
  liquidations: LiquidatedInCandle[];
  liquidations_from_ms: number;
  fills: ChartFill[];
  gaps: Gap[];
}
