import { Card } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { Moment } from "../../ui/Moment";
import { figureText } from "../../words/decimal";
import type { AccountRisk, Gate } from "./types";

const STATE: Readonly<Record<Gate["state"], { tone: ChipTone; title: string }>> = {
  ok: { tone: "profit", title: "✓ ok" },
  warning: { tone: "warning", title: "! warns" },
  refuses: { tone: "danger", title: "✕ refuses" },
  unknown: { tone: "danger", title: "? not known: refuses" },
  not_applicable: { tone: "plain", title: "does not apply" },
};

const COLUMNS: readonly Column<Gate>[] = [
  {
    key: "name",
    title: "Layer",
    cell: (gate) => (
      <span className="sm:whitespace-nowrap">
        <span className="figure text-faint">{gate.number}</span> {wordsOf(gate.name)}
      </span>
    ),
  },
  { key: "state", title: "Now", cell: (gate) => <Chip tone={STATE[gate.state].tone}>{STATE[gate.state].title}</Chip> },
  {
    key: "values",
    title: "Values and limits",
    cell: (gate) => (
      <div className="grid gap-x-6 md:grid-cols-2">
        <Facts facts={gate.values} />
        <Facts facts={gate.limits} limit />
      </div>
    ),
  },
];

/** The eight layers that every entry passes, with what they would see now. */
export function GateCard({ risk, atMs, periodMs }: { risk: AccountRisk; atMs: number; periodMs: number }) {
  return (
    <Card title="The eight layers of the gate" source="ledger, balance, marks" atMs={atMs} periodMs={periodMs} flush>
      <Table caption="Layers of the risk gate as they stand" columns={COLUMNS} rows={risk.layers} keyOf={(gate) => gate.name} />
    </Card>
  );
}

export function wordsOf(name: string): string {
  const words = name.replaceAll("_", " ").replace(/ pct$/, " %").replace(/ ms$/, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Facts({ facts, limit = false }: { facts: Readonly<Record<string, unknown>>; limit?: boolean }) {
  return (
    <dl className="flex flex-row flex-wrap gap-x-4 md:flex-col">
      {Object.entries(facts).map(([name, value]) => (
        <div key={name} className="flex gap-1.5">
          <dt className={`label ${limit ? "italic" : ""}`}>{wordsOf(name)}</dt>
          <dd className="figure text-2xs whitespace-normal">{name.endsWith("_ms") && typeof value === "number" ? <Moment ms={value} /> : valueText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(valueText).join(", ");
  if (value === null || value === undefined) return "not known";
  if (typeof value === "string" && /^-?\d+\.\d{3,}$/.test(value)) return figureText(value, { places: 2 });
  return String(value);
}
