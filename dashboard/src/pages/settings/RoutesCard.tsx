import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { duration } from "../../words/times";
import { PERIOD_MS } from "./AccountsCard";
import type { RouteSetup, RouteTested, Setup } from "./types";
import type { Trial } from "./useTrial";

const KINDS: Readonly<Record<string, string>> = {
  sns: "the stage's topics (e-mail, text message)",
  telegram: "Telegram",
  discord: "Discord",
  webhook: "a web address of your own",
};

interface RoutesCardProps {
  found: Setup | undefined;
  state: CardState;
  trial: Trial;
  mayTest: boolean;
}

/** By which ways people hear of alerts, whether these ways work, and a test of them. */
export function RoutesCard({ found, state, trial, mayTest }: RoutesCardProps) {
  const alerts = found?.alerts;
  const held = !mayTest || trial.sending || trial.waiting;
  return (
    <Card
      title="Alert routes"
      source="globals, alerts of 30 days"
      atMs={found?.time_ms}
      periodMs={PERIOD_MS}
      flush
      actions={
        alerts !== undefined &&
        alerts.routes.length > 0 && (
          <Button small disabled={held} title={mayTest ? undefined : "Testing needs the scope write"} onClick={() => trial.ask(null)}>
            {trial.sending || trial.waiting ? "Testing…" : "Test all of them"}
          </Button>
        )
      }
      state={alerts?.routes.length === 0 ? { kind: "empty", text: "No route is set: nobody hears of an alert unless this page is open." } : state}
    >
      {alerts !== undefined && (
        <>
          <Table caption="Routes by which alerts are told" rows={alerts.routes} keyOf={(row) => row.name} columns={columns(held, trial.ask)} />
          <div className="flex flex-col gap-1 px-3 py-2 text-dim">
            <p role="status" className="text-text empty:hidden">
              {trial.waiting ? "The test is on its way…" : trial.told}
            </p>
            {trial.problem !== null && (
              <p role="alert" className="text-danger">
                {trial.problem.message}
              </p>
            )}
            <p>
              What goes on is told again: critical after {duration(alerts.critical_again_ms)}, high after {duration(alerts.high_again_ms)}, until it is over or somebody acknowledges it. An info is told once.
            </p>
            <p>
              The outside watch is {alerts.dead_man ? "on: somebody outside AWS hears every minute that all is looked at, and calls when that ends" : "off: nobody outside AWS notices when everything stops"}.
            </p>
            <p>
              Addresses are secrets, which this page cannot read: store one with <code className="figure">undertow secrets put-route NAME</code>.
            </p>
          </div>
        </>
      )}
    </Card>
  );
}

function columns(held: boolean, onTest: (route: string) => void): Column<RouteSetup>[] {
  return [
    { key: "name", title: "Route", cell: (row) => <span className="font-medium">{row.name}</span> },
    { key: "kind", title: "Leads to", cell: (row) => KINDS[row.kind] ?? row.kind },
    { key: "levels", title: "Tells", cell: (row) => row.levels.join(", ") },
    { key: "told", title: "Took an alert", cell: (row) => (row.told_ms === null ? <span className="text-faint">not in 30 days</span> : <Age atMs={row.told_ms} />) },
    { key: "trouble", title: "Trouble", cell: (row) => (row.trouble === "" ? <span className="text-dim">none known</span> : <Chip tone="danger">✕ {row.trouble}</Chip>) },
    { key: "tested", title: "Last test", cell: (row) => <Tested tested={row.tested} /> },
    {
      key: "test",
      title: <span className="sr-only">Test</span>,
      right: true,
      cell: (row) => (
        <Button small disabled={held} onClick={() => onTest(row.name)}>
          Test<span className="sr-only"> {row.name}</span>
        </Button>
      ),
    },
  ];
}

function Tested({ tested }: { tested: RouteTested | null }) {
  if (tested === null) return <span className="text-faint">never</span>;
  const age = <Age atMs={tested.asked_ms} />;
  if (tested.outcome === "under_way") return <span className="text-dim">on its way, asked {age}</span>;
  if (tested.outcome === "took") {
    return (
      <span title={`Asked by ${tested.by}`}>
        ✓ taken {age}
      </span>
    );
  }
  return (
    <span title={`Asked by ${tested.by}`}>
      <Chip tone="danger">✕ {tested.trouble}</Chip> {age}
    </span>
  );
}
