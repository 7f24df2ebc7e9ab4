import type { PositionNow } from "../api/overview";
import { total } from "../pages/positions/arithmetic";

export interface AtStake {
  notional: string | null;
  /** Null where the price of one position is not known. */
  pnl: string | null;
}

/** What positions are worth together, and what they would make or lose by the prices that are known. */
export function atStake(held: readonly Pick<PositionNow, "notional" | "unrealized_pnl">[]): AtStake {
  return { notional: total(held.map((one) => one.notional)), pnl: total(held.map((one) => one.unrealized_pnl)) };
}
