import { useState } from "react";
import { useApi } from "../../api/queries";
import type { Query } from "../../api/client";
import { linkTo, replaceWith, useRoute } from "../../app/route";
import { Button } from "../../ui/Button";
import { useLiveEvents, useLiveStatus } from "../../live/store";
import { PageTitle } from "../../ui/PageTitle";
import { nowMs } from "../../words/now";
import { DecisionsCard, LIST_MS } from "./DecisionsCard";
import { ReasonsCard } from "./ReasonsCard";
import type { Counts, DecisionRow, Decisions, PricesAfter } from "./types";
import { RANGES, rowOf, withCome } from "./words";

const MINUTE_MS = 60_000;
const PAGE = 50;
const AFTER_MS = 60_000;
/** While decisions come live the list is read again only now and then, for what may have been missed. */
const LIVE_LIST_MS = 60_000;
const JUDGED_AGE_MS = 31 * MINUTE_MS;
const JUDGED_STEP_MS = 5 * MINUTE_MS;
const FILTERS = ["range", "outcome", "gate", "symbol", "strategy"] as const;
type Filter = Record<(typeof FILTERS)[number], string>;

export default function DecisionsPage() {
  const { query } = useRoute();
  const [cursor, setCursor] = useState<string | null>(null);
  const filter = filterOf(query);
  const set = (changed: Partial<Filter>) => {
    setCursor(null);
    replaceWith(linkTo("decisions", [], given({ ...filter, ...changed })));
  };
  const asked = askedOf(filter);
  const live = useLiveStatus().state === "live";
  const list = useApi<Decisions>("decisions", { ...asked, cursor, limit: PAGE }, { everyMs: cursor !== null ? undefined : live ? LIVE_LIST_MS : LIST_MS, keep: true });
  const [came, setCame] = useState<readonly DecisionRow[]>([]);
  useLiveEvents(["decision"], (events) => {
    const fresh = events.map((event) => rowOf(event.data)).filter((row) => row !== null);
    setCame((before) => [...fresh.reverse(), ...before].slice(0, PAGE));
  });
  const read = list.data?.data.decisions ?? [];
  const rows = cursor === null ? withCome(read, came, filter, PAGE) : read;
  const oldestMs = rows.at(-1)?.decided_at_ms;
  const after = useApi<PricesAfter>(
    "decisions/after",
    { ...asked, from_ms: oldestMs, to_ms: rows[0]?.decided_at_ms, limit: 200 },
    { enabled: rows.length > 0, staleMs: AFTER_MS, keep: true },
  );
  // Young decisions have no afterwards yet: reasons are judged by those that are half an hour old.
  const judged = useApi<PricesAfter>(
    "decisions/after",
    { ...asked, gate: null, to_ms: Math.floor(nowMs() / JUDGED_STEP_MS) * JUDGED_STEP_MS - JUDGED_AGE_MS, limit: 200 },
    { enabled: asked.from_ms < nowMs() - JUDGED_AGE_MS - JUDGED_STEP_MS, staleMs: JUDGED_STEP_MS, keep: true },
  );
  const more = list.data?.data.next_cursor ?? null;
  return (
    <>
      <PageTitle beside={<Filters filter={filter} asked={asked} onFilter={set} />}>Decisions</PageTitle>
      <div className="grid gap-3">
        <ReasonsCard asked={{ ...asked, gate: null }} judged={judged.data?.data} gate={filter.gate} onGate={(gate) => set({ gate, outcome: "" })} />
        <DecisionsCard
          query={list}
          rows={rows}
          periodMs={cursor !== null ? undefined : live ? LIVE_LIST_MS : LIST_MS * 2}
          after={after.data?.data}
          onOlder={more === null ? null : () => setCursor(more)}
          onNewest={cursor === null ? null : () => setCursor(null)}
        />
      </div>
    </>
  );
}

function filterOf(query: URLSearchParams): Filter {
  return {
    range: query.get("range") ?? "24h",
    outcome: query.get("outcome") ?? "",
    gate: query.get("gate") ?? "",
    symbol: query.get("symbol") ?? "",
    strategy: query.get("strategy") ?? "",
  };
}

/** Only what differs from nothing stands in the address. */
function given(filter: Filter): Record<string, string> {
  return Object.fromEntries(FILTERS.map((name) => [name, filter[name]]).filter(([, value]) => value !== ""));
}

interface Asked extends Query {
  from_ms: number;
}

function askedOf(filter: Filter): Asked {
  const range = RANGES.find((one) => one.value === filter.range)?.ms ?? 24 * 3_600_000;
  return {
    // By the minute, so that the question stays the same for a while; its end is left open.
    from_ms: Math.floor((nowMs() - range) / MINUTE_MS) * MINUTE_MS,
    outcome: filter.outcome,
    gate: filter.gate,
    symbol: filter.symbol,
    strategy: filter.strategy,
  };
}

const CONTROL = "h-7 max-w-44 rounded border border-line-strong bg-ground px-1.5";

function Filters({ filter, asked, onFilter }: { filter: Filter; asked: Asked; onFilter: (changed: Partial<Filter>) => void }) {
  // What there is to choose from, whatever is chosen now.
  const all = useApi<Counts>("decisions/counts", { from_ms: asked.from_ms }, { keep: true, staleMs: 60_000 }).data?.data;
  const filtered = filter.outcome !== "" || filter.gate !== "" || filter.symbol !== "" || filter.strategy !== "";
  return (
    <div className="flex flex-wrap items-center gap-2" role="group" aria-label="Filters">
      <select aria-label="Time" className={CONTROL} value={filter.range} onChange={(event) => onFilter({ range: event.target.value })}>
        {RANGES.map((range) => (
          <option key={range.value} value={range.value}>
            {range.title}
          </option>
        ))}
      </select>
      <Choice label="Outcome" all="Every outcome" value={filter.outcome} options={["taken", "refused", "simulated"]} onValue={(outcome) => onFilter({ outcome })} />
      <Choice label="Reason" all="Every reason" value={filter.gate} options={all?.gates.map((row) => row.gate) ?? []} onValue={(gate) => onFilter({ gate })} />
      <Choice label="Symbol" all="Every symbol" value={filter.symbol} options={Object.keys(all?.symbols ?? {})} onValue={(symbol) => onFilter({ symbol })} />
      <Choice label="Strategy" all="Every strategy" value={filter.strategy} options={Object.keys(all?.strategies ?? {})} onValue={(strategy) => onFilter({ strategy })} />
      {filtered && (
        <Button small tone="quiet" onClick={() => onFilter({ outcome: "", gate: "", symbol: "", strategy: "" })}>
          Clear
        </Button>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string;
  options: readonly string[];
  onValue: (value: string) => void;
}

function Choice({ label, all, value, options, onValue }: ChoiceProps) {
  const offered = value === "" || options.includes(value) ? options : [value, ...options];
  return (
    <select aria-label={label} className={CONTROL} value={value} onChange={(event) => onValue(event.target.value)}>
      <option value="">{all}</option>
      {offered.map((option) => (
        <option key={option} value={option}>
          {label === "Reason" ? option.replaceAll("_", " ") : option}
        </option>
      ))}
    </select>
  );
}
