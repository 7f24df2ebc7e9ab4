import type { QueryClient } from "@tanstack/react-query";
import type { Kind, LiveEvent } from "./contract";

/** Which answers an event makes old, by the first part of their query key. */
const MADE_OLD: Readonly<Record<Kind, readonly string[]>> = {
  trade_block: ["overview", "blocks"],
  // The tape and the list of decisions take events in by themselves.
  liquidation: ["windows"],
  decision: ["decisions/counts", "overview"],
  order: ["positions", "orders", "trades", "overview"],
  fill: ["positions", "trades", "overview", "stats", "risk"],
  position: ["positions", "positions/closed", "overview", "risk"],
  risk: ["overview", "risk"],
  balance: ["overview", "account"],
  alert: ["alerts", "overview"],
  switch: ["overview", "blocks", "account"],
  request: ["requests", "positions"],
};

/** Not oftener than this for one answer, however much happens: the first event counts at once, the rest together. */
const SLOWEST_MS: Readonly<Record<string, number>> = { positions: 800, windows: 3_000, "decisions/counts": 10_000 };
const USUAL_MS = 2_000;
/** The overview takes in most news without asking (`api/overviewNews.ts`): asking again is only to be sure. */
const TO_BE_SURE_MS: Readonly<Record<string, number>> = { overview: 10_000 };

/** A tab that nobody sees asks for nothing: what is old is marked, and fetched when it is seen again. */
function wanted(): "active" | "none" {
  return document.hidden ? "none" : "active";
}

export class Refresher {
  private readonly lastMs = new Map<string, number>();
  private readonly due = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly client: QueryClient) {}

  take(events: readonly LiveEvent[]): void {
    const old = new Set(events.flatMap((event) => MADE_OLD[event.kind]));
    for (const path of old) this.schedule(path);
  }

  everything(): void {
    void this.client.invalidateQueries({ refetchType: wanted() });
  }

  stop(): void {
    for (const timer of this.due.values()) clearTimeout(timer);
    this.due.clear();
  }

  private schedule(path: string): void {
    if (this.due.has(path)) return;
    const sinceMs = Date.now() - (this.lastMs.get(path) ?? 0);
    const slowestMs = SLOWEST_MS[path] ?? USUAL_MS;
    const fetchAgain = () => {
      this.due.delete(path);
      this.lastMs.set(path, Date.now());
      // Only what is shown is fetched; what is not is marked as old and fetched when it is looked at.
      void this.client.invalidateQueries({ queryKey: [path], refetchType: wanted() });
    };
    const later = TO_BE_SURE_MS[path];
    if (later !== undefined) this.due.set(path, setTimeout(fetchAgain, later));
    else if (sinceMs >= slowestMs) fetchAgain();
    else this.due.set(path, setTimeout(fetchAgain, slowestMs - sinceMs));
  }
}
