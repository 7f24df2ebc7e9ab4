import { Table } from "../ui/Table";
import { shownJson, type Difference } from "./diff";

interface DifferenceTableProps {
  caption: string;
  rows: readonly Difference[];
  before?: string;
  after?: string;
}

/** What changes, setting by setting. */
export function DifferenceTable({ caption, rows, before = "Now", after = "Then" }: DifferenceTableProps) {
  return (
    <Table
      caption={caption}
      rows={rows}
      keyOf={(row) => row.field}
      empty="Nothing differs."
      columns={[
        { key: "field", title: "Setting", cell: (row) => <span className="figure break-all whitespace-normal">{row.field}</span> },
        { key: "before", title: before, right: true, cell: (row) => <span className="figure text-dim">− {shownJson(row.before, row.field)}</span> },
        { key: "after", title: after, right: true, cell: (row) => <span className="figure font-medium">+ {shownJson(row.after, row.field)}</span> },
      ]}
    />
  );
}
