/** What the API says of how everything runs. */
export interface Worker {
  worker: string;
  late: boolean;
  beat_ms: number;
  running_ms: number;
  market_age_ms: number | null;
  user_age_ms: number | null;
  listen_key_age_ms: number | null;
  loop_lag_ms: number;
  frames_in: number;
  liquidations_in: number;
  quarantined: number;
  dropped: number;
  reconnects: number;
  window_covered: boolean;
}

export interface Gap {
  from_ms: number;
  to_ms: number | null;
  reason: string;
}

export interface Venue {
  venue: string;
  blocked_until_ms: number | null;
  entries_only: boolean;
  reason: string;
  gaps: { from_ms: number; count: number; total_ms: number; latest: readonly Gap[] };
}

export interface Latency {
  what: string;
  from_to: string;
  count: number;
  p50_ms: number | null;
  p99_ms: number | null;
  max_ms: number | null;
}

export interface UnknownOrder {
  account: string;
  client_order_id: string;
  symbol: string;
  side: string;
  purpose: string;
  state: string;
  created_at_ms: number;
  age_ms: number;
  not_found: number;
  reason: string;
}

export interface Pass {
  epoch: number;
  read_at_ms: number;
  took_ms: number;
  proven: boolean;
  differences: number;
  adopted: number;
  adjusted: number;
  fills_imported: number;
  doubts: Readonly<Record<string, string>>;
}

export interface Reconciled {
  account: string;
  mode: string;
  latest: Pass | null;
  history: readonly Pass[];
}

export interface Job {
  stream: string;
  done_pct: number;
  rows: number;
  caught_up_ms: number | null;
  updated_ms: number | null;
  remaining_ms: number | null;
  error: string;
}

export interface Imported {
  account: string;
  complete_to_ms: number | null;
  jobs: readonly Job[];
}

export interface Failure {
  kind: string;
  level: string;
  message: string;
  open: number;
  episodes: number;
  reports: number;
  first_ms: number;
  last_ms: number;
  subjects: readonly string[];
  runbook: { number: number; title: string };
}

export interface Operations {
  time_ms: number;
  version: string;
  workers: readonly Worker[];
  venues: readonly Venue[];
  parameters: { globals: string; age_ms: number };
  latency: { from_ms: number; orders: number; truncated: boolean; rows: readonly Latency[] };
  unknown_orders: readonly UnknownOrder[];
  reconciliation: readonly Reconciled[];
  imports: readonly Imported[];
  failures: { from_ms: number; truncated: boolean; rows: readonly Failure[] };
}

export interface AlertRow {
  key: string;
  episode: number;
  level: string;
  state: string;
  message: string;
  facts: Readonly<Record<string, string>>;
  first_ms: number;
  last_ms: number;
  count: number;
  acknowledged_ms: number | null;
  acknowledged_by: string;
  runbook: { number: number; title: string };
}

export interface Alerts {
  time_ms: number;
  alerts: readonly AlertRow[];
}

export interface AuditEntry {
  time_ms: number;
  by: string;
  action: string;
  subject: string;
  version: number | null;
  difference: string;
}

export interface AuditList {
  time_ms: number;
  items: readonly AuditEntry[];
  next_cursor: string | null;
}
