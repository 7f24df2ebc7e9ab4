import { clockTone, offsetText, weightTone } from "../../app/venueTone";
import { Lamp } from "../../app/Gauge";
import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Figure } from "../../ui/Figure";
import { Table, type Column } from "../../ui/Table";
import { count, percent } from "../../words/figures";
import { useNow } from "../../words/now";
import { PERIOD_MS } from "./StreamsCard";
import type { Asked, Contacted, Operations } from "./types";

const figure = (value: number) => <span className="figure">{value === 0 ? "—" : count(value)}</span>;

function columns(name: string, by: string): Column<Asked>[] {
  return [
    { key: "name", title: name, cell: (row) => <span className="figure break-all">{row.name}</span> },
    { key: "now", title: "This minute", right: true, cell: (row) => figure(row.minute_weight) },
    { key: "before", title: "Last minute", right: true, cell: (row) => figure(row.before_weight) },
    { key: "all", title: "5 min", right: true, cell: (row) => figure(row.weight) },
    { key: "requests", title: "Requests", right: true, wide: true, cell: (row) => figure(row.requests) },
    { key: "by", title: by, wide: true, cell: (row) => <span className="text-dim">{row.by.join(", ")}</span> },
  ];
}

const ENDPOINTS = columns("Endpoint", "Asked by");
const FUNCTIONS = columns("Function", "Endpoints");

/** What is asked of the venue, how much of its limit that is, and how far its clock is from ours. */
export function WeightCard({ found, state }: { found: Operations | undefined; state: CardState }) {
  return (
    <Card title="Requests to the venue" source="each function's own count, the venue's headers" atMs={found?.time_ms} periodMs={PERIOD_MS} flush state={state}>
      {found?.venues.map(({ asked }) => <Venue key={asked.venue} asked={asked} />)}
    </Card>
  );
}

function Venue({ asked }: { asked: Contacted }) {
  return (
    <section aria-label={`Requests to ${asked.venue}`}>
      <VenueFigures asked={asked} />
      <Table
        caption={`Request weight at ${asked.venue} by endpoint, last five minutes`}
        rows={asked.by_endpoint}
        keyOf={(row) => row.name}
        columns={ENDPOINTS}
        empty="Nothing was asked in the last five minutes."
      />
      <Table
        caption={`Request weight at ${asked.venue} by function, last five minutes`}
        rows={asked.by_function}
        keyOf={(row) => row.name}
        columns={FUNCTIONS}
        empty="No function asked anything in the last five minutes."
      />
      <p className="label px-3 py-1.5">
        Minutes are the venue's. The used figure is what the venue counts for our address; the rows are what each function counted itself, kept up to 15 s
        after it asked (30 s for the worker).
      </p>
    </section>
  );
}

function VenueFigures({ asked }: { asked: Contacted }) {
  const now = useNow();
  const { weight, clock } = asked.now;
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(12rem,1fr))] gap-x-4 gap-y-2 px-3 py-2">
      <Figure label={`${asked.venue}: weight used`} hint="What the venue counted for our address: the most of this minute and the last">
        {weight === null ? (
          <Lamp tone="plain">not known</Lamp>
        ) : (
          <Lamp tone={weightTone(weight, now)}>
            {count(weight.used)} of {count(weight.limit)} ({percent(weight.used_pct)})
          </Lamp>
        )}
      </Figure>
      <Figure label="Told" hint="When the venue told it">
        {weight === null ? "—" : <Age atMs={weight.told_ms} />}
      </Figure>
      <Figure label="Venue's clock" hint="How far it is ahead of ours. Over 500 ms people are told, over 1,000 ms nothing is entered">
        <Lamp tone={clockTone(clock, now)}>{clock === null ? "not known" : offsetText(clock.offset_ms)}</Lamp>
        {clock?.apart === true && <span className="text-warning"> too far apart</span>}
      </Figure>
      <Figure label="Compared">{clock === null ? "—" : <Age atMs={clock.measured_ms} />}</Figure>
    </dl>
  );
}
