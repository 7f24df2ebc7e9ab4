/** What the API tells of the past. Figures are decimal text, times epoch ms. */

export interface ClosedRow {
  id: string;
  account: string;
  mode: string;
  symbol: string;
  side: "LONG" | "SHORT";
  strategy: string | null;
  quantity: string;
  entry_price: string;
  leverage: number;
  realized_pnl: string;
  commission: string;
  funding: string | null;
  net_pnl: string;
  unexplained: string | null;
  stop_price: string | null;
  target_price: string | null;
  opened_at_ms: number;
  protected_at_ms: number | null;
  closed_at_ms: number;
  held_ms: number;
}

export interface ClosedPositions {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  positions: ClosedRow[];
  next_cursor: string | null;
}

export type StepKind = "signal" | "decision" | "order" | "order_end" | "fill" | "protected" | "correction" | "closed";

export interface Step {
  at_ms: number;
  kind: StepKind;
  title: string;
  purpose: string | null;
  client_order_id: string | null;
  decision_id: string | null;
  side: string | null;
  price: string | null;
  quantity: string | null;
  amount: string | null;
  state: string | null;
  note: string;
}

export interface Timeline {
  time_ms: number;
  position_id: string;
  account: string;
  mode: string;
  symbol: string;
  side: "LONG" | "SHORT";
  strategy: string | null;
  open: boolean;
  opened_at_ms: number;
  closed_at_ms: number | null;
  steps: Step[];
  truncated: boolean;
}

export interface Sums {
  net_pnl: string;
  realized_pnl: string;
  commissions: string;
  funding: string;
  other_income: string;
  apart: Record<string, string>;
  volume: string;
  trades: number;
}

export interface Group extends Sums {
  key: string | null;
}

export interface PnlAccount extends Sums {
  account: string;
  mode: string;
  round_trips: {
    closed: number;
    wins: number;
    losses: number;
    win_rate_pct: string | null;
    profit_factor: string | null;
    expectancy: string | null;
    best: string | null;
    worst: string | null;
    average_hold_ms: number | null;
  };
  groups: Group[];
  returns: {
    time_weighted_pct: string | null;
    drawdown: { pct: string | null; amount: string } | null;
    reason: string | null;
  } | null;
  unexplained: { amount: string | null; tolerance: string | null; alarms: boolean | null; as_of_ms: number | null; reason: string | null } | null;
  imports: { complete_to_ms: number | null; age_ms: number | null; trades_not_imported: number; source: string };
}

export interface Pnl {
  time_ms: number;
  from_ms: number;
  to_ms: number;
  quote: string;
  by: string | null;
  accounts: PnlAccount[];
}

export interface FlowRow {
  time_ms: number | null;
  amount: string;
  asset: string;
  source: string;
  adjustment: string | null;
  note: string;
}

export interface Transfers {
  time_ms: number;
  accounts: {
    account: string;
    mode: string;
    deposits: Record<string, string>;
    withdrawals: Record<string, string>;
    deposited_ever: Record<string, string>;
    rows: FlowRow[];
    next_cursor: string | null;
  }[];
}

export interface BalanceHistory {
  time_ms: number;
  accounts: { account: string; transfers: FlowRow[] }[];
  changes: { time_ms: number; action: string; subject: string; by: string }[];
}

export interface Adjustment {
  id: string;
  account: string;
  kind: string;
  amount: string;
  at_ms: number | null;
  note: string;
  by: string;
  created_at_ms: number;
  revoked_at_ms: number | null;
  revoked_by: string | null;
}

export interface Adjustments {
  time_ms: number;
  adjustments: Adjustment[];
  next_cursor: string | null;
}

export interface SessionRow {
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
  sessions: SessionRow[];
  truncated: boolean;
  next_cursor: string | null;
}
