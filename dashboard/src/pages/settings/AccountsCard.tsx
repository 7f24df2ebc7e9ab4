import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import type { AccountSetup, Setup } from "./types";

export const PERIOD_MS = 60_000;
const ANSWER_MS = 60_000;

interface SettingsCardProps {
  found: Setup | undefined;
  state: CardState;
}

/** Accounts, and whether their keys work. The page cannot read a key; it knows by what was read with one. */
export function AccountsCard({ found, state }: SettingsCardProps) {
  return (
    <Card title="Accounts and keys" source={found === undefined ? "globals" : `globals, version ${found.globals_version}`} atMs={found?.time_ms} periodMs={PERIOD_MS} flush state={state}>
      {found !== undefined && (
        <>
          <Table caption="Accounts" rows={found.accounts} keyOf={(row) => row.account} columns={COLUMNS} />
          <div className="flex flex-col gap-1 px-3 py-2 text-dim">
            <p>
              Listening key: {found.listening.renewed_ms === null ? "never renewed" : <>renewed <Age atMs={found.listening.renewed_ms} periodMs={30 * 60_000} /></>}; the user stream was{" "}
              {found.listening.heard_ms === null ? "never heard" : <>heard <Age atMs={found.listening.heard_ms} periodMs={5 * 60_000} /></>}.
            </p>
            <p>
              Keys are stored and replaced with <code className="figure">make secrets</code> and are shown nowhere. The venue does not say what a key may do: make it there for trading only, without withdrawals.
            </p>
          </div>
        </>
      )}
    </Card>
  );
}

const COLUMNS: Column<AccountSetup>[] = [
  { key: "account", title: "Account", cell: (row) => <span className="font-medium">{row.account}</span> },
  { key: "venue", title: "Venue", cell: (row) => row.venue },
  { key: "mode", title: "Mode", cell: (row) => <Chip tone={row.mode === "live" ? "alarm" : "plain"}>{row.mode}</Chip> },
  { key: "positions", title: "Positions", wide: true, cell: (row) => (row.position_mode === "hedge" ? "long and short apart" : "one side at a time") },
  { key: "margin", title: "Margin assets", wide: true, cell: (row) => (row.multi_assets ? "all assets" : "USDT") },
  { key: "key", title: "Key", cell: (row) => <Key row={row} /> },
];

function Key({ row }: { row: AccountSetup }) {
  if (!row.needs_key) return <span className="text-dim">none needed</span>;
  if (row.key_answered_ms === null) return <Chip tone="warning">the venue never answered to it</Chip>;
  return (
    <span>
      ✓ answered <Age atMs={row.key_answered_ms} periodMs={ANSWER_MS} />
    </span>
  );
}
