import { useState } from "react";
import { useApi } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { differences } from "../../documents/diff";
import { DifferenceTable } from "../../documents/DifferenceTable";
import { Lines } from "./Lines";
import { RestoreDialog } from "./RestoreDialog";
import type { Change, Changes, StrategyAnswer } from "./types";

const WORDS: Readonly<Record<string, string>> = {
  "strategy:apply": "applied",
  "strategy:restore": "restored",
  "strategy:remove": "removed",
};

/** Who changed what and when. Nothing of it is ever lost: restoring makes a new version. */
export function Versions({ strategy, onRestored }: { strategy: StrategyAnswer; onRestored: (told: string) => void }) {
  const query = useApi<Changes>(`strategies/${encodeURIComponent(strategy.id)}/changes`, { limit: 100 });
  const [opened, setOpened] = useState<number | null>(null);
  const [restoring, setRestoring] = useState<Change | null>(null);
  const rows = query.data?.data.changes ?? [];
  const before = (row: Change) => rows.find((other) => other.version === row.version - 1);
  return (
    <Card
      title="Versions"
      source="audit"
      atMs={query.data?.data.time_ms}
      flush
      state={cardState(query, (found) => (found.data.changes.length === 0 ? "No change of this strategy is on record." : null))}
    >
      <Table
        caption="Versions of the strategy, newest first"
        rows={rows}
        keyOf={(row) => String(row.version)}
        columns={columns(strategy.version, opened, setOpened, setRestoring)}
        detail={(row) =>
          opened === row.version && (
            <div className="grid gap-3 p-3 lg:grid-cols-2">
              <section aria-label={`What version ${row.version} changed`}>
                <h3 className="label">Against the version before</h3>
                <AgainstBefore row={row} before={before(row)} />
              </section>
              <section aria-label={`Version ${row.version} against the present one`}>
                <h3 className="label">Against the present version</h3>
                <DifferenceTable caption={`Version ${row.version} against the present one`} rows={differences(row.document, strategy.document)} before={`Version ${row.version}`} after="Now" />
              </section>
            </div>
          )
        }
      />
      {query.data?.data.next_cursor != null && <p className="label px-3 py-1.5">There are older ones: <code className="figure">undertow strategy changes {strategy.id}</code> lists all of them.</p>}
      {restoring?.document != null && (
        <RestoreDialog
          strategy={strategy}
          version={restoring.version}
          document={restoring.document}
          onClose={() => setRestoring(null)}
          onRestored={(version) => {
            setRestoring(null);
            onRestored(`Version ${restoring.version} is in force again, as version ${version}.`);
          }}
        />
      )}
    </Card>
  );
}

function AgainstBefore({ row, before }: { row: Change; before: Change | undefined }) {
  if (before === undefined && row.version > 1) return <Lines text={row.difference} />;
  return <DifferenceTable caption={`What version ${row.version} changed`} rows={differences(before?.document ?? null, row.document)} before="Before" after={`Version ${row.version}`} />;
}

function columns(
  present: number,
  opened: number | null,
  onOpen: (version: number | null) => void,
  onRestore: (change: Change) => void,
): Column<Change>[] {
  return [
    {
      key: "version",
      title: "Version",
      cell: (row) => (
        <span className="figure">
          {row.version} {row.version === present && <Chip tone="profit">✓ stored</Chip>}
        </span>
      ),
    },
    { key: "time", title: "UTC", cell: (row) => <Moment ms={row.time_ms} full /> },
    { key: "by", title: "By", wide: true, cell: (row) => row.by },
    { key: "action", title: "What", cell: (row) => WORDS[row.action] ?? row.action },
    {
      key: "act",
      title: <span className="sr-only">Actions</span>,
      right: true,
      cell: (row) => (
        <span className="inline-flex gap-1.5">
          <Button small aria-expanded={opened === row.version} onClick={() => onOpen(opened === row.version ? null : row.version)}>
            {opened === row.version ? "Hide" : "Differences"}
            <span className="sr-only"> of version {row.version}</span>
          </Button>
          {row.version !== present && row.document !== null && (
            <Button small onClick={() => onRestore(row)}>
              Restore<span className="sr-only"> version {row.version}</span>
            </Button>
          )}
        </span>
      ),
    },
  ];
}
