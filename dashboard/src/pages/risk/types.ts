/** What `/api/risk` and the answers beside it hold. Figures are decimal text, times epoch ms, percents whole ones. */
import type { Liquidation, Side } from "../positions/types";

export interface Budget {
  filled: string;
  reserved: string;
  pending: string;
  free: string | null;
  cap: string | null;
  cap_pct: string;
  without_reserve: string;
  filledRiskPercentage: string | null;
  reservedRiskPercentage: string | null;
  pendingRiskPercentage: string | null;
  freeRiskPercentage: string | null;
}

export interface Leg {
  side: Side;
  strategy: string | null;
  filled: string;
  reserved: string;
  pending: string;
  stop_price: string | null;
  liquidation_price: Liquidation | null;
  flag: string;
  layers_filled: number | null;
  layers: number | null;
}

export interface SymbolRisk {
  symbol: string;
  hedged: boolean;
  filled: string;
  reserved: string;
  pending: string;
  filledRiskPercentage: string | null;
  reservedRiskPercentage: string | null;
  legs: Leg[];
}

export interface Gate {
  number: number;
  name: string;
  state: "ok" | "warning" | "refuses" | "unknown" | "not_applicable";
  values: Readonly<Record<string, unknown>>;
  limits: Readonly<Record<string, unknown>>;
}

export interface Fate {
  symbol: string;
  side: Side;
  fate: "held" | "stopped" | "liquidated";
  price: string;
  exit_price: string | null;
  pnl: string;
}

export interface Outcome {
  pnl: string | null;
  equity: string | null;
  margin_usage_pct: string | null;
  stopped: string[];
  liquidated: string[];
  positions: Fate[];
}

export interface Shock {
  price_change_pct: string;
  complete: boolean;
  without_mark: string[];
  with_stops: Outcome;
  without_stops: Outcome;
}

export interface AccountRisk {
  account: string;
  mode: string;
  equity: string | null;
  equity_time_ms: number | null;
  budget: Budget;
  positions: SymbolRisk[];
  layers: Gate[];
  shocks: Shock[];
  shocks_note: string;
}

export interface RiskAnswer {
  time_ms: number;
  accounts: AccountRisk[];
}

export interface Block {
  kind: string;
  scope: string;
  since_ms: number | null;
  for_ms: number | null;
  reason: string;
  clears: string;
  inputs: Readonly<Record<string, string>>;
}

export interface BlocksAnswer {
  time_ms: number;
  blocks: Block[];
  counts: Readonly<Record<string, number>>;
  refusals: { from_ms: number; decisions: number; truncated: boolean; by_gate: Readonly<Record<string, number>> };
}

export interface Bracket {
  max_leverage: number;
  notional_floor: string;
  notional_cap: string;
  maintenance_pct: string;
}

export interface SymbolLimits {
  symbol: string;
  status: string;
  quote_asset: string;
  tick_size: string;
  lot_size: string;
  min_quantity: string;
  max_quantity: string;
  market_max_quantity: string;
  min_notional: string;
  max_orders: number;
  max_algo_orders: number;
  liquidation_fee_pct?: string;
  brackets?: Bracket[];
  time_ms: number;
  age_ms: number;
  source: string;
}

export interface LimitsAnswer {
  time_ms: number;
  venue: string;
  limits: SymbolLimits[];
  unknown: string[];
}

export interface Advice {
  symbol: string;
  traded: boolean;
  advice: "keep" | "review" | "consider" | "leave";
  reasons: string[];
  figures: Readonly<Record<string, string | number | null>>;
}

export interface RecommendationsAnswer {
  time_ms: number;
  from_ms: number;
  note: string;
  accounts: { account: string; symbols: Advice[]; settings: Readonly<Record<string, unknown>>[] }[];
}

export interface Reading {
  number: number;
  name: string;
  verdict: string;
  inputs: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
}

export interface TakenDecision {
  id: string;
  account: string;
  symbol: string;
  strategy: string;
  position_side: string | null;
  inputs: Readonly<Record<string, string>>;
  layers: Reading[];
  decided_at_ms: number;
}

export interface DecisionsAnswer {
  time_ms: number;
  decisions: TakenDecision[];
  next_cursor?: string | null;
}
