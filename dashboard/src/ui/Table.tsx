import type { ReactNode } from "react";

export interface Column<Row> {
  /** Unique within the table. */
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Figures stand on the right. */
  right?: boolean;
  /** Shown only where there is room. */
  wide?: boolean;
  className?: string;
}

interface TableProps<Row> {
  /** Says what the table holds; read aloud, not shown. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Below the row, over the whole width, where it is not null. */
  detail?: (row: Row) => ReactNode;
  rowLook?: (row: Row) => string;
  empty?: string;
}

/** A dense table. Narrow screens scroll it sideways inside its card; `wide` columns are left out there. */
export function Table<Row>({ caption, columns, rows, keyOf, detail, rowLook, empty = "Nothing yet." }: TableProps<Row>) {
  const look = (column: Column<Row>) =>
    `${column.right ? "text-right" : "text-left"} ${column.wide ? "hidden md:table-cell" : ""} ${column.className ?? ""}`;
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
      <table className="w-full border-collapse">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th key={column.key} scope="col" className={`label px-2 py-1.5 font-normal first:pl-3 last:pr-3 whitespace-nowrap ${look(column)}`}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} row={row} columns={columns} look={look} detail={detail?.(row)} className={rowLook?.(row)} />
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} className="px-3 py-4 text-dim">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

interface TableRowProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  look: (column: Column<Row>) => string;
  detail: ReactNode;
  className?: string;
}

function TableRow<Row>({ row, columns, look, detail, className = "" }: TableRowProps<Row>) {
  return (
    <>
      <tr className={`border-b border-line last:border-b-0 hover:bg-hover ${className}`}>
        {columns.map((column) => (
          <td key={column.key} className={`px-2 py-1.5 align-top first:pl-3 last:pr-3 ${look(column)}`}>
            {column.cell(row)}
          </td>
        ))}
      </tr>
      {detail != null && detail !== false && (
        <tr className="border-b border-line bg-raised">
          <td colSpan={columns.length} className="p-0">
            {detail}
          </td>
        </tr>
      )}
    </>
  );
}
