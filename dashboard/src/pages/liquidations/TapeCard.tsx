import { useEffect, useMemo, useState } from "react";
import { useApi } from "../../api/queries";
import { useLiveEvents, useLiveStatus } from "../../live/store";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { count, exact, shortDollars } from "../../words/figures";
import { asNumber } from "../../words/decimal";
import { admits, barShare, merged, percentileOf, rowOf, type TapeFilter } from "./tape";
import type { SizeAt, Tape, TapeRow, TapeSummary } from "./types";

const EVERY_MS = 5_000;
/** While events come live the list is read again only now and then, for what may have been missed. */
const LIVE_EVERY_MS = 60_000;

interface TapeCardProps {
  filter: TapeFilter;
  summary: TapeSummary | undefined;
  onSymbol: (symbol: string) => void;
}

/** The live tape. Paused, it stands still and counts what came meanwhile. */
export function TapeCard({ filter, summary, onSymbol }: TapeCardProps) {
  const [held, setHeld] = useState<TapeRow[] | null>(null);
  const live = useLiveStatus().state === "live";
  const query = useApi<Tape>(
    "liquidations",
    { symbol: filter.symbol, side: filter.liquidated.toUpperCase(), min_value: filter.least, limit: 200 },
    { everyMs: live ? LIVE_EVERY_MS : EVERY_MS, keep: true },
  );
  const rows = useTape(query.data?.data, filter);
  const shown = held ?? rows;
  const waiting = held === null ? 0 : rows.filter((row) => !held.some((seen) => seen.id === row.id)).length;
  const sizesOf = useMemo(() => sizesBySymbol(summary), [summary]);
  const largest = Math.max(1, ...shown.map((row) => asNumber(row.value)));
  const answer = query.data?.data;
  return (
    <Card
      title="Tape"
      source={live ? "worker, live" : "worker, as stored"}
      atMs={answer?.time_ms}
      periodMs={live ? LIVE_EVERY_MS : EVERY_MS * 2}
      flush
      state={cardState(query, () => (shown.length === 0 ? emptyText(filter) : null))}
      actions={
        <>
          <span role="status" className="label">
            {held === null ? "" : waiting === 0 ? "paused" : `${count(waiting)} new since the pause`}
          </span>
          <Button small aria-pressed={held !== null} onClick={() => setHeld(held === null ? rows : null)}>
            {held === null ? "Pause the tape" : "Go on"}
          </Button>
        </>
      }
    >
      <div className="max-h-[30rem] overflow-y-auto">
        <Table caption="Liquidations, newest first" columns={columns(sizesOf, largest, onSymbol)} rows={shown} keyOf={(row) => row.id} />
      </div>
      <p className="label border-t border-line px-3 py-1.5">
        The feed is sampled: one event per symbol per second at most, so sums are lower bounds.
        {answer?.next_cursor == null ? "" : ` The newest ${count(answer.liquidations.length)} of the last hour are shown.`}
      </p>
    </Card>
  );
}

function emptyText(filter: TapeFilter): string {
  const filtered = filter.symbol !== "" || filter.liquidated !== "" || filter.least !== "";
  return filtered ? "Nothing in the last hour passes these filters." : "No liquidation in the last hour.";
}

/** What the answers brought, kept while the filter stands: an answer may end before what was shown already. */
function useTape(answer: Tape | undefined, filter: TapeFilter): TapeRow[] {
  const [rows, setRows] = useState<TapeRow[]>([]);
  useEffect(() => {
    if (answer !== undefined) setRows((shown) => merged(shown, answer.liquidations));
  }, [answer]);
  useLiveEvents(["liquidation"], (events) => {
    const came = events.map((event) => rowOf(event.data)).filter((row) => row !== null);
    setRows((shown) => merged(shown, came));
  });
  return useMemo(() => rows.filter((row) => admits(filter, row)), [rows, filter]);
}

function sizesBySymbol(summary: TapeSummary | undefined): (symbol: string) => readonly SizeAt[] {
  const known = new Map(summary?.symbols.map((one) => [one.symbol, one.sizes]));
  return (symbol) => known.get(symbol) ?? [];
}

function columns(
  sizesOf: (symbol: string) => readonly SizeAt[],
  largest: number,
  onSymbol: (symbol: string) => void,
): Column<TapeRow>[] {
  return [
    { key: "time", title: "UTC", cell: (row) => <Moment ms={row.event_time_ms} /> },
    {
      key: "symbol",
      title: "Symbol",
      cell: (row) => (
        <button type="button" className="hover:underline" title={`Show the chart of ${row.symbol}`} onClick={() => onSymbol(row.symbol)}>
          {row.symbol}
          {row.watched ? "" : <span className="label"> not traded</span>}
        </button>
      ),
    },
    { key: "side", title: "Liquidated", cell: (row) => <Liquidated side={row.liquidated} /> },
    {
      key: "value",
      title: "Value",
      right: true,
      cell: (row) => (
        <span className="relative block min-w-24 py-px">
          <span aria-hidden className={`absolute inset-y-0 right-0 rounded-sm ${row.liquidated === "long" ? "bg-loss-soft" : "bg-reserved-soft"}`} style={{ width: `${barShare(row.value, largest)}%` }} />
          <span className="figure relative px-1">{shortDollars(row.value)}</span>
        </span>
      ),
    },
    { key: "rank", title: "Size among a day's", right: true, cell: (row) => <Rank value={percentileOf(row.value, sizesOf(row.symbol))} /> },
    { key: "price", title: "Price", right: true, wide: true, cell: (row) => <span className="figure">{exact(row.price)}</span> },
    { key: "quantity", title: "Quantity", right: true, wide: true, cell: (row) => <span className="figure">{exact(row.quantity)}</span> },
  ];
}

export function Liquidated({ side }: { side: "long" | "short" }) {
  return (
    <span className={`whitespace-nowrap ${side === "long" ? "text-loss" : "text-reserved"}`}>
      <span aria-hidden>{side === "long" ? "▼ " : "▲ "}</span>
      {side}
    </span>
  );
}

/** Only what is large is worth a colour. */
function Rank({ value }: { value: number | null }) {
  if (value === null) return <span className="text-faint" title="Too few were recorded in a day to compare with">—</span>;
  if (value >= 95) return <Chip tone={value >= 99 ? "alarm" : "warning"}>{value === 100 ? "largest" : `top ${100 - value}%`}</Chip>;
  return <span className="figure text-dim">{value === 0 ? "small" : `p${value}`}</span>;
}
