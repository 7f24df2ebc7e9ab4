import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { Status } from "./connection";
import type { Kind, LiveEvent } from "./contract";

const START: Status = { state: "connecting", transport: null, reason: "", seq: null };

let status: Status = START;
const statusReaders = new Set<() => void>();
const eventReaders = new Set<(events: readonly LiveEvent[]) => void>();

export function tellStatus(next: Status): void {
  if (next.state === status.state && next.transport === status.transport && next.reason === status.reason) {
    status.seq = next.seq;
    return;
  }
  status = { ...next };
  for (const reader of statusReaders) reader();
}

export function tellEvents(events: readonly LiveEvent[]): void {
  for (const reader of eventReaders) reader(events);
}

function subscribe(reader: () => void): () => void {
  statusReaders.add(reader);
  return () => statusReaders.delete(reader);
}

/** How events come. `seq` moves without a new rendering. */
export function useLiveStatus(): Status {
  return useSyncExternalStore(subscribe, () => status);
}

/** Calls `onEvents` with the events of these kinds, in order, each once. For pages that draw events themselves. */
export function useLiveEvents(kinds: readonly Kind[], onEvents: (events: readonly LiveEvent[]) => void): void {
  const take = useEffectEvent((events: readonly LiveEvent[]) => {
    const wanted = events.filter((event) => kinds.includes(event.kind));
    if (wanted.length > 0) onEvents(wanted);
  });
  useEffect(() => {
    const reader = (events: readonly LiveEvent[]) => take(events);
    eventReaders.add(reader);
    return () => {
      eventReaders.delete(reader);
    };
  }, []);
}
