import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Figure } from "../../ui/Figure";
import { Moment } from "../../ui/Moment";
import { Table } from "../../ui/Table";
import { count } from "../../words/figures";
import { duration } from "../../words/times";
import type { Gap, Operations, Venue, Worker } from "./types";

export const PERIOD_MS = 30_000;

interface OperationsCardProps {
  found: Operations | undefined;
  state: CardState;
}

const age = (ms: number | null) => (ms === null ? "never" : `${duration(ms)} ago`);

/** What the worker hears, and what it did not hear. */
export function StreamsCard({ found, state }: OperationsCardProps) {
  return (
    <Card
      title="Streams"
      source="worker's heartbeat, recorded gaps"
      atMs={found?.time_ms}
      periodMs={PERIOD_MS}
      state={found?.workers.length === 0 ? { kind: "empty", text: "No worker has ever given a sign of life, so nothing is heard and nothing is traded." } : state}
    >
      {found !== undefined && (
        <div className="flex flex-col gap-4">
          {found.workers.map((worker) => (
            <WorkerFigures key={worker.worker} worker={worker} />
          ))}
          {found.venues.map((venue) => (
            <VenueGaps key={venue.venue} venue={venue} />
          ))}
        </div>
      )}
    </Card>
  );
}

function WorkerFigures({ worker }: { worker: Worker }) {
  return (
    <section aria-label={`Worker ${worker.worker}`}>
      <h3 className="mb-1 flex flex-wrap items-center gap-2">
        <span className="figure">{worker.worker}</span>
        {worker.late ? <Chip tone="alarm">✕ silent</Chip> : <Chip tone="profit">✓ alive</Chip>}
        {worker.window_covered ? <Chip tone="profit">✓ windows covered</Chip> : <Chip tone="warning">windows not covered: nothing is entered</Chip>}
      </h3>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-x-4 gap-y-2">
        <Figure label="Market stream" hint="When the market was last heard">
          {age(worker.market_age_ms)}
        </Figure>
        <Figure label="User stream" hint="When the venue last spoke of our orders; a ping counts">
          {age(worker.user_age_ms)}
        </Figure>
        <Figure label="Listen key" hint="Renewed every 30 minutes; it ends after 60">
          {age(worker.listen_key_age_ms)}
        </Figure>
        <Figure label="Running for">{duration(worker.running_ms)}</Figure>
        <Figure label="Reconnects" hint="Since it started">
          {count(worker.reconnects)}
        </Figure>
        <Figure label="Loop lag" hint="How late its event loop was at worst since the last heartbeat">
          {worker.loop_lag_ms} ms
        </Figure>
        <Figure label="Frames">{count(worker.frames_in)}</Figure>
        <Figure label="Liquidations">{count(worker.liquidations_in)}</Figure>
        <Figure label="Unreadable" hint="Frames that were put aside because nobody could read them">
          <span className={worker.quarantined > 0 ? "text-warning" : ""}>{count(worker.quarantined)}</span>
        </Figure>
        <Figure label="Dropped" hint="Too old to be traded when their turn came">
          <span className={worker.dropped > 0 ? "text-warning" : ""}>{count(worker.dropped)}</span>
        </Figure>
      </dl>
    </section>
  );
}

function VenueGaps({ venue }: { venue: Venue }) {
  const { gaps } = venue;
  return (
    <section aria-label={`Gaps at ${venue.venue}`}>
      <h3 className="mb-1 flex flex-wrap items-center gap-2">
        <span>{venue.venue}</span>
        {venue.blocked_until_ms === null ? (
          <Chip tone="profit">✓ may be called</Chip>
        ) : (
          <Chip tone="alarm" title={venue.reason}>
            ✕ {venue.entries_only ? "no entries" : "must not be called"}: {venue.reason}
          </Chip>
        )}
        <span className="label">
          {gaps.count === 0 ? "no gap in 24 hours" : `${gaps.count} ${gaps.count === 1 ? "gap" : "gaps"} in 24 hours, ${duration(gaps.total_ms)} in all`}
        </span>
      </h3>
      {gaps.count > 0 && (
        <Table
          caption={`Gaps in what was heard of ${venue.venue}, latest first`}
          rows={gaps.latest}
          keyOf={(gap) => `${gap.from_ms} ${gap.reason}`}
          columns={[
            { key: "from", title: "From (UTC)", cell: (gap: Gap) => <Moment ms={gap.from_ms} /> },
            { key: "to", title: "To (UTC)", cell: (gap: Gap) => (gap.to_ms === null ? <Chip tone="alarm">still open</Chip> : <Moment ms={gap.to_ms} />) },
            { key: "long", title: "Long", right: true, cell: (gap: Gap) => <span className="figure">{gap.to_ms === null ? "—" : duration(gap.to_ms - gap.from_ms)}</span> },
            { key: "why", title: "Why", cell: (gap: Gap) => gap.reason },
          ]}
        />
      )}
    </section>
  );
}
