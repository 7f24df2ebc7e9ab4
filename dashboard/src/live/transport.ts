import type { LiveEvent } from "./contract";

export type TransportName = "socket" | "stream" | "polling";

/** What a transport tells. After `lost` it says nothing more. */
export interface Listener {
  /** The way is open; `seq` is the desk's newest number, where the transport knows it. */
  opened: (seq: number | null) => void;
  /** Everything from `first` to `last`, both included. */
  batch: (first: number, last: number, events: LiveEvent[]) => void;
  /** The gap is too old to be told again: everything must be fetched anew, and `seq` is where it goes on. */
  reset: (seq: number) => void;
  /** `refused`: this token or this way is not welcome here, trying again is of no use. */
  lost: (reason: string, refused: boolean) => void;
}

export interface Line {
  close: () => void;
  /** Ask for what came after `after` once more. */
  resend: (after: number) => void;
}

/** `after` is the last number that was seen; null for who begins now. */
export type Transport = (after: number | null, listener: Listener) => Line;
