import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Age } from "../../ui/Age";
import { Delta } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { count } from "../../words/figures";
import { duration, utcMoment } from "../../words/times";
import { horizon } from "./words";
import type { Bucket, Counts, GateAfter, GateCount, PricesAfter } from "./types";
import type { Query } from "../../api/client";

const COUNTS_MS = 30_000;

interface ReasonsCardProps {
  asked: Query;
  /** What became of decisions that are old enough to tell. */
  judged: PricesAfter | undefined;
  gate: string;
  onGate: (gate: string) => void;
}

/** Which gates said no, how often, when, and whether that was right so far. */
export function ReasonsCard({ asked, judged, gate, onGate }: ReasonsCardProps) {
  const query = useApi<Counts>("decisions/counts", asked, { everyMs: COUNTS_MS, keep: true });
  const counts = query.data?.data;
  return (
    <Card
      title="Reasons"
      source="decision records"
      atMs={counts?.time_ms}
      periodMs={COUNTS_MS}
      flush
      state={cardState(query, (found) => (found.data.decisions === 0 ? "No decision in this time passes the filters." : null))}
    >
      {counts !== undefined && (
        <>
          <p className="px-3 pt-2">
            <span className="figure">{count(counts.decisions)}</span> decisions: <span className="figure">{count(counts.outcomes["taken"] ?? 0)}</span> taken,{" "}
            <span className="figure">{count(counts.outcomes["refused"] ?? 0)}</span> refused, <span className="figure">{count(counts.outcomes["simulated"] ?? 0)}</span> simulated.
            {counts.truncated && ` Too many to read all: counted since ${utcMoment(counts.counted_from_ms)} UTC.`}
          </p>
          <OverTime counts={counts} gate={gate} />
          <Table caption="Reasons for refusals, most first" columns={columns(counts, judged, gate, onGate)} rows={counts.gates} keyOf={(row) => row.gate} empty="Nothing was refused." />
          <p className="label px-3 py-1.5">
            “Then” is the mean of what the price did for the side that was refused: estimates over {judged === undefined ? "" : count(judged.rows.length)} decisions that are half an hour old or older. A
            minus means that the refusal saved money.
          </p>
        </>
      )}
    </Card>
  );
}

function columns(counts: Counts, judged: PricesAfter | undefined, gate: string, onGate: (gate: string) => void): Column<GateCount>[] {
  const most = Math.max(1, ...counts.gates.map((row) => row.count));
  const means = new Map(judged?.gates.map((row) => [row.gate, row]));
  return [
    {
      key: "gate",
      title: "First gate that failed",
      cell: (row) => (
        <button type="button" aria-pressed={row.gate === gate} className={`text-left hover:underline ${row.gate === gate ? "font-semibold" : ""}`} title={`Show only decisions refused by ${row.gate}`} onClick={() => onGate(row.gate === gate ? "" : row.gate)}>
          {row.gate.replaceAll("_", " ")} <span className="label block">wanted: {row.title.toLowerCase()}</span>
        </button>
      ),
    },
    {
      key: "count",
      title: "Times",
      right: true,
      cell: (row) => (
        <span className="relative block min-w-20">
          <span aria-hidden className="absolute inset-y-0 right-0 rounded-sm bg-hover" style={{ width: `${(100 * row.count) / most}%` }} />
          <span className="figure relative px-1">{count(row.count)}</span>
        </span>
      ),
    },
    { key: "last", title: "Last", wide: true, cell: (row) => <Age atMs={row.last_ms} /> },
    ...[0, 1, 2].map((place) => ({
      key: `then ${place}`,
      title: `Then ${horizon([5, 30, 240][place] ?? 0)} est.`,
      right: true,
      wide: place !== 1,
      cell: (row: GateCount) => <Mean row={means.get(row.gate)} place={place} />,
    })),
  ];
}

function Mean({ row, place }: { row: GateAfter | undefined; place: number }) {
  const found = row?.averages[place];
  if (found === undefined || found.average_pct === null) return <span className="text-faint">—</span>;
  return (
    <span title={`mean of ${found.known} decisions`}>
      <Delta value={found.average_pct} unit="percent" bare />
    </span>
  );
}

/** A bar for each stretch of time: refused in grey (the chosen gate bright), taken in lime below. */
function OverTime({ counts, gate }: { counts: Counts; gate: string }) {
  const starts: number[] = [];
  for (let at = counts.from_ms - (counts.from_ms % counts.bucket_ms); at <= counts.to_ms; at += counts.bucket_ms) starts.push(at);
  const byStart = new Map(counts.buckets.map((bucket) => [bucket.from_ms, bucket]));
  const most = Math.max(1, ...counts.buckets.map(total));
  const told = `Decisions by ${duration(counts.bucket_ms)}: at most ${most}, ${counts.buckets.length} of ${starts.length} stretches had any.`;
  return (
    <div className="px-3 pt-2">
      <div role="img" aria-label={told} className="flex h-16 items-end gap-px border-b border-line">
        {starts.map((start) => (
          <Stretch key={start} start={start} bucket={byStart.get(start)} most={most} gate={gate} lengthMs={counts.bucket_ms} />
        ))}
      </div>
      <p className="label flex justify-between">
        <span>{utcMoment(starts[0] ?? counts.from_ms)}</span>
        <span>a bar is {duration(counts.bucket_ms)}</span>
        <span>{utcMoment(counts.to_ms)} UTC</span>
      </p>
    </div>
  );
}

const refused = (bucket: Bucket) => Object.values(bucket.gates).reduce((sum, one) => sum + one, 0);
const total = (bucket: Bucket) => refused(bucket) + bucket.taken + bucket.simulated;

interface StretchProps {
  start: number;
  bucket: Bucket | undefined;
  most: number;
  gate: string;
  lengthMs: number;
}

function Stretch({ start, bucket, most, gate, lengthMs }: StretchProps) {
  if (bucket === undefined) return <span className="flex-1" />;
  const chosen = bucket.gates[gate] ?? 0;
  const parts = [
    { key: "refused", value: refused(bucket) - chosen, look: "bg-faint opacity-50" },
    { key: "chosen", value: chosen, look: "bg-loss" },
    { key: "simulated", value: bucket.simulated, look: "bg-reserved" },
    { key: "taken", value: bucket.taken, look: "bg-profit" },
  ];
  const words = `${utcMoment(start)} UTC, ${duration(lengthMs)}: ${refused(bucket)} refused, ${bucket.taken} taken, ${bucket.simulated} simulated`;
  return (
    <span className="flex h-full flex-1 flex-col justify-end" title={words}>
      {parts.map((part) => (part.value === 0 ? null : <span key={part.key} className={`block min-h-px ${part.look}`} style={{ height: `${(100 * part.value) / most}%` }} />))}
    </span>
  );
}
