/** What the API tells of decisions. Figures are decimal text, times epoch ms. */

export type Outcome = "taken" | "refused" | "simulated";

export interface DecisionRow {
  id: string;
  account: string;
  strategy: string;
  symbol: string;
  position_side: "LONG" | "SHORT" | null;
  outcome: Outcome;
  gate: string;
  reason: string;
  inputs: Record<string, string>;
  thresholds: Record<string, string>;
  params_version: string;
  liquidation: string;
  client_order_id: string | null;
  event_time_ms: number;
  decided_at_ms: number;
  delay_ms: number;
}

export interface Decisions {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  decisions: DecisionRow[];
  next_cursor: string | null;
}

export interface GateCount {
  gate: string;
  title: string;
  count: number;
  last_ms: number;
}

export interface Bucket {
  from_ms: number;
  taken: number;
  simulated: number;
  gates: Record<string, number>;
}

export interface Counts {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  counted_from_ms: number;
  truncated: boolean;
  bucket_ms: number;
  decisions: number;
  outcomes: Partial<Record<Outcome, number>>;
  gates: GateCount[];
  symbols: Record<string, number>;
  strategies: Record<string, number>;
  buckets: Bucket[];
}

export interface PriceThen {
  minutes: number;
  state: "known" | "not_yet" | "not_known";
  price: string | null;
  change_pct: string | null;
  in_favour_pct: string | null;
  best_pct: string | null;
  worst_pct: string | null;
}

export interface AfterRow {
  id: string;
  account: string;
  symbol: string;
  side: string | null;
  gate: string;
  outcome: Outcome;
  decided_at_ms: number;
  price: string | null;
  after: PriceThen[];
  missing: string | null;
}

export interface GateAfter {
  gate: string;
  decisions: number;
  averages: { minutes: number; known: number; average_pct: string | null }[];
}

export interface PricesAfter {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  estimate: boolean;
  source: string;
  rows: AfterRow[];
  gates: GateAfter[];
  truncated: boolean;
}

export interface GateRow {
  gate: string;
  title: string;
  verdict: "passed" | "warned" | "refused" | "not_applicable" | "not_reached";
  inputs: Record<string, string>;
  limits: Record<string, string>;
}

export interface Margin {
  name: string;
  value: string;
  wanted: "at least" | "at most" | "above" | "below";
  limit_name: string;
  limit: string;
  short_by: string;
  short_by_pct: string | null;
}

export interface DecisionDetail {
  time_ms: number;
  decision: DecisionRow;
  phase: string | null;
  margin: Margin | null;
  chain: { phase: string; gates: GateRow[] }[];
  after: AfterRow;
  liquidation: {
    id: string;
    symbol: string;
    liquidated: "long" | "short";
    quantity: string;
    price: string;
    value: string;
    event_time_ms: number;
  } | null;
  order: { client_order_id: string; state: string; price: string | null; quantity: string | null; filled_quantity: string } | null;
  position_id: string | null;
}
