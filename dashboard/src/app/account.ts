import { useSyncExternalStore } from "react";
import type { AccountNow } from "../api/overview";

/** Which account the top bar speaks of; kept in this tab. Money of different accounts is never added up. */
const PLACE = "undertow.account";
const readers = new Set<() => void>();
let chosen = sessionStorage.getItem(PLACE);

export function chooseAccount(account: string): void {
  chosen = account;
  sessionStorage.setItem(PLACE, account);
  for (const reader of readers) reader();
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

/** The chosen one, else one that trades live, else the first. */
export function useChosenAccount<Row extends { account: string; mode: AccountNow["mode"] }>(
  accounts: readonly Row[],
): Row | undefined {
  const name = useSyncExternalStore(subscribe, () => chosen);
  return (
    accounts.find((one) => one.account === name) ?? accounts.find((one) => one.mode === "live") ?? accounts[0]
  );
}
