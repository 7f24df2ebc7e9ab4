/** What the API says of how the desk is set up. */
export interface AccountSetup {
  account: string;
  venue: string;
  mode: string;
  position_mode: string;
  multi_assets: boolean;
  needs_key: boolean;
  key_answered_ms: number | null;
}

export interface TokenSetup {
  id: string;
  scopes: readonly string[];
  state: string;
  created_ms: number;
  expires_ms: number;
  revoked_ms: number | null;
  last_action_ms: number | null;
  last_used_ms: number | null;
}

export interface RouteSetup {
  name: string;
  kind: string;
  levels: readonly string[];
  told_ms: number | null;
  trouble: string;
}

export interface Setup {
  time_ms: number;
  globals_version: string;
  accounts: readonly AccountSetup[];
  listening: { renewed_ms: number | null; heard_ms: number | null };
  tokens: readonly TokenSetup[];
  alerts: { routes: readonly RouteSetup[]; critical_again_ms: number; high_again_ms: number; dead_man: boolean };
}

export interface Me {
  principal: string;
  scopes: readonly string[];
  stage: string;
  version: string;
}
