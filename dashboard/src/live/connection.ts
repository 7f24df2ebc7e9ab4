import type { LiveEvent } from "./contract";
import { readBatch, waitMs } from "./sequence";
import type { Line, Transport, TransportName } from "./transport";

export type LiveState = "connecting" | "live" | "waiting" | "asleep";

export interface Status {
  state: LiveState;
  /** How events come, or came last. */
  transport: TransportName | null;
  /** Why it is not live, in words. */
  reason: string;
  /** The last number that was seen. */
  seq: number | null;
}

export interface Hearing {
  events: (events: readonly LiveEvent[]) => void;
  /** Something was missed: everything that is shown is to be fetched again. */
  missed: () => void;
  status: (status: Status) => void;
}

export interface Way {
  name: TransportName;
  transport: Transport;
}

const TRIES_PER_WAY = 2;
const LOWER_WAY_MS = 120_000;
const RESEND_WITHIN_MS = 5_000;
const SHORT_LIFE_MS = 300;

/**
 * Keeps the page fed: the first way that works, the next one where it does not, the best one again after two minutes.
 * Knows the last number seen, asks again for what is missing, and says so when that is gone.
 */
export class LiveConnection {
  private line: Line | null = null;
  private way = 0;
  private failures = 0;
  private openedMs = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private better: ReturnType<typeof setTimeout> | undefined;
  private resending: ReturnType<typeof setTimeout> | undefined;
  private status: Status = { state: "connecting", transport: null, reason: "", seq: null };

  constructor(
    private readonly ways: readonly Way[],
    private readonly hearing: Hearing,
  ) {}

  /** `seq` is the number that the snapshot on the page was made at; null where it is not known. */
  start(seq: number | null): void {
    this.status = { ...this.status, seq };
    this.open();
  }

  sleep(): void {
    this.drop();
    this.tell({ state: "asleep", reason: "the tab was hidden" });
  }

  /** After sleep, or when the network is back. */
  wake(): void {
    if (this.line !== null && this.status.state === "live") return;
    this.drop();
    this.failures = 0;
    this.open();
  }

  close(): void {
    this.drop();
  }

  private drop(): void {
    for (const timer of [this.retry, this.better, this.resending]) clearTimeout(timer);
    this.resending = undefined;
    this.line?.close();
    this.line = null;
  }

  private tell(change: Partial<Status>): void {
    this.status = { ...this.status, ...change };
    this.hearing.status(this.status);
  }

  private open(): void {
    const way = this.ways[this.way];
    if (way === undefined) {
      this.tell({ state: "waiting", transport: null, reason: "the desk tells nothing by itself; the page asks" });
      return;
    }
    if (this.status.transport !== way.name) this.tell({ state: "connecting", transport: way.name });
    this.openedMs = Date.now();
    let mine: Line | null = null;
    const current = (): boolean => mine === null || this.line === mine;
    mine = way.transport(this.status.seq, {
      opened: (seq) => current() && this.opened(seq),
      batch: (first, last, events) => current() && this.batch(first, last, events),
      reset: (seq) => current() && this.reset(seq),
      lost: (reason, refused) => current() && this.lost(reason, refused),
    });
    this.line = mine;
  }

  private opened(seq: number | null): void {
    this.failures = 0;
    if (seq !== null && (this.status.seq === null || seq < this.status.seq)) {
      // Numbers that run backwards are those of another desk: nothing on the page is certain.
      const another = this.status.seq !== null;
      this.tell({ seq });
      if (another) this.hearing.missed();
    }
    this.tell({ state: "live", reason: "" });
    if (this.way > 0) this.better = setTimeout(() => this.startOver(), LOWER_WAY_MS);
  }

  private startOver(): void {
    this.drop();
    this.way = 0;
    this.failures = TRIES_PER_WAY - 1;
    this.open();
  }

  private batch(first: number, last: number, events: readonly LiveEvent[]): void {
    const reading = readBatch(this.status.seq, first, last, events);
    if (reading.kind === "old") return;
    if (reading.kind === "gap") {
      this.askAgain(reading.after);
      return;
    }
    clearTimeout(this.resending);
    this.resending = undefined;
    this.tell({ seq: reading.seen });
    if (reading.fresh.length > 0) this.hearing.events(reading.fresh);
  }

  private askAgain(after: number): void {
    if (this.resending !== undefined) return;
    this.line?.resend(after);
    this.resending = setTimeout(() => {
      this.resending = undefined;
      this.tell({ seq: null });
      this.hearing.missed();
    }, RESEND_WITHIN_MS);
  }

  private reset(seq: number): void {
    clearTimeout(this.resending);
    this.resending = undefined;
    this.tell({ seq });
    this.hearing.missed();
  }

  private lost(reason: string, refused: boolean): void {
    this.line = null;
    clearTimeout(this.better);
    if (reason === "") {
      // The other side ended it in good order, as a stream does with each answer: go on at once, but never in a rush.
      const rushed = Date.now() - this.openedMs < SHORT_LIFE_MS;
      this.retry = setTimeout(() => this.open(), rushed ? SHORT_LIFE_MS : 0);
      return;
    }
    this.failures += 1;
    if ((refused || this.failures >= TRIES_PER_WAY) && this.way < this.ways.length) {
      this.way += 1;
      this.failures = 0;
    }
    if (this.way >= this.ways.length) {
      // Every way was tried. The page asks by itself meanwhile; all of them get another chance in a while.
      this.tell({ state: "waiting", reason });
      this.retry = setTimeout(() => this.startOver(), LOWER_WAY_MS);
      return;
    }
    this.tell({ state: "waiting", reason });
    this.retry = setTimeout(() => this.open(), waitMs(this.failures));
  }
}
