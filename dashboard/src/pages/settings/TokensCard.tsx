import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { PERIOD_MS } from "./AccountsCard";
import type { Me, Setup, TokenSetup } from "./types";

/** Who may come in, with what rights and until when. */
export function TokensCard({ found, me, state }: { found: Setup | undefined; me: Me | undefined; state: CardState }) {
  return (
    <Card title="Access tokens" source="parameter store" atMs={found?.time_ms} periodMs={PERIOD_MS} flush state={found?.tokens.length === 0 ? { kind: "empty", text: "There is no token: you came in another way." } : state}>
      {found !== undefined && (
        <>
          <Table caption="Access tokens, valid ones first" rows={found.tokens} keyOf={(row) => row.id} columns={columns(me)} />
          <p className="px-3 py-2 text-dim">
            <strong className="font-medium text-text">read</strong> looks, <strong className="font-medium text-text">pause</strong> stops new entries, <strong className="font-medium text-text">write</strong> does the rest. Make one with{" "}
            <code className="figure">undertow token create</code>, end one with <code className="figure">undertow token revoke ID</code>. A revoked one may pass for up to a minute more.
          </p>
        </>
      )}
    </Card>
  );
}

const STATES: Readonly<Record<string, { tone: ChipTone; sign: string }>> = {
  valid: { tone: "profit", sign: "✓" },
  expired: { tone: "plain", sign: "■" },
  revoked: { tone: "danger", sign: "✕" },
};

function columns(me: Me | undefined): Column<TokenSetup>[] {
  const mine = (row: TokenSetup) => me !== undefined && me.principal.endsWith(row.id);
  return [
    {
      key: "id",
      title: "Token",
      cell: (row) => (
        <span className="figure">
          {row.id} {mine(row) && <Chip tone="reserved">this one</Chip>}
        </span>
      ),
    },
    { key: "state", title: "State", cell: (row) => <Chip tone={STATES[row.state]?.tone}>{STATES[row.state]?.sign} {row.state}</Chip> },
    { key: "scopes", title: "May", cell: (row) => row.scopes.join(", ") },
    { key: "expires", title: "Until (UTC)", cell: (row) => <Moment ms={row.revoked_ms ?? row.expires_ms} full /> },
    { key: "used", title: "Last used", className: "whitespace-nowrap", cell: (row) => (row.last_used_ms === null ? <span className="text-faint">not yet</span> : <Age atMs={row.last_used_ms} />) },
    { key: "created", title: "Made", wide: true, className: "whitespace-nowrap", cell: (row) => <Age atMs={row.created_ms} /> },
    { key: "acted", title: "Last change by it", wide: true, cell: (row) => (row.last_action_ms === null ? <span className="text-faint">none on record</span> : <Age atMs={row.last_action_ms} />) },
  ];
}
