import { useState } from "react";
import { useApi } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { Lines } from "../strategies/Lines";
import type { AuditEntry, AuditList } from "./types";

const PAGE = 20;

/** What people did, newest first, with what it changed. */
export function AuditCard() {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<string | null>(null);
  const cursor = cursors.at(-1) ?? null;
  const query = useApi<AuditList>("audit", { limit: PAGE, cursor }, { keep: true });
  const answer = query.data?.data;
  const keyOf = (row: AuditEntry) => `${row.time_ms} ${row.by} ${row.action} ${row.subject}`;
  const toggle = (row: AuditEntry) => setOpened(opened === keyOf(row) ? null : keyOf(row));
  return (
    <Card
      title="What people did"
      source="audit of 30 days"
      atMs={answer?.time_ms}
      flush
      state={cardState(query, (found) => (found.data.items.length === 0 && cursor === null ? "Nobody has changed anything in 30 days." : null))}
    >
      <Table
        caption="Actions of people, newest first"
        rows={answer?.items ?? []}
        keyOf={keyOf}
        columns={columns(opened, keyOf, toggle)}
        detail={(row) => opened === keyOf(row) && <Lines text={row.difference} />}
      />
      <nav aria-label="Pages of actions" className="flex justify-end gap-2 border-t border-line px-3 py-1.5">
        <Button small disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          Newer
        </Button>
        <Button small disabled={answer?.next_cursor == null || query.isPlaceholderData} onClick={() => answer?.next_cursor != null && setCursors([...cursors, answer.next_cursor])}>
          Older
        </Button>
      </nav>
    </Card>
  );
}

function columns(opened: string | null, keyOf: (row: AuditEntry) => string, toggle: (row: AuditEntry) => void): Column<AuditEntry>[] {
  return [
    { key: "time", title: "UTC", cell: (row) => <Moment ms={row.time_ms} full /> },
    { key: "by", title: "By", cell: (row) => row.by },
    { key: "action", title: "What", cell: (row) => row.action.replace(":", ": ").replaceAll("_", " ") },
    { key: "subject", title: "On", cell: (row) => `${row.subject}${row.version === null ? "" : `, version ${row.version}`}` },
    {
      key: "more",
      title: <span className="sr-only">Details</span>,
      right: true,
      cell: (row) =>
        row.difference !== "" && (
          <Button small tone="quiet" aria-expanded={opened === keyOf(row)} onClick={() => toggle(row)}>
            {opened === keyOf(row) ? "Hide" : "What changed"}
          </Button>
        ),
    },
  ];
}
