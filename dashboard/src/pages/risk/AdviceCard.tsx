import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { count, percent, shortDollars } from "../../words/figures";
import type { Advice, RecommendationsAnswer } from "./types";

const ADVICE: Readonly<Record<Advice["advice"], { tone: ChipTone; title: string }>> = {
  keep: { tone: "profit", title: "✓ keep" },
  review: { tone: "warning", title: "! look at it" },
  consider: { tone: "reserved", title: "+ consider" },
  leave: { tone: "plain", title: "leave" },
};

const COLUMNS: readonly Column<Advice>[] = [
  { key: "symbol", title: "Symbol", cell: (one) => <>{one.symbol} {one.traded && <Chip>traded</Chip>}</> },
  { key: "advice", title: "Advice", cell: (one) => <Chip tone={ADVICE[one.advice].tone}>{ADVICE[one.advice].title}</Chip> },
  { key: "volume", title: "Liquidated", right: true, cell: (one) => <span className="figure">{shortDollars(text(one.figures["volume"]))}</span> },
  { key: "count", title: "Events", right: true, wide: true, cell: (one) => <span className="figure">{count(whole(one.figures["liquidations"]))}</span> },
  { key: "spread", title: "Spread", right: true, wide: true, cell: (one) => <span className="figure">{percent(text(one.figures["spread_pct"]), 3)}</span> },
  { key: "reasons", title: "Why", cell: (one) => <span className="text-dim">{one.reasons.join("; ")}</span> },
];

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const whole = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Symbols and settings that stand out. Advice only: nothing is applied. */
export function AdviceCard({ account }: { account: string }) {
  const query = useApi<RecommendationsAnswer>("recommendations", { account }, { staleMs: 60_000 });
  const answer = query.data?.data;
  const own = answer?.accounts.find((one) => one.account === account);
  const empty = own !== undefined && own.symbols.length === 0 && own.settings.length === 0;
  return (
    <Card title="Recommendations" source="stored tape of 6 h" atMs={answer?.time_ms} state={cardState(query, () => (empty ? "Nothing stands out in what was recorded." : null))} flush>
      {own !== undefined && (
        <>
          {own.symbols.length > 0 && <Table caption="Advice on symbols" columns={COLUMNS} rows={own.symbols} keyOf={(one) => one.symbol} />}
          {own.settings.map((setting, index) => (
            <SettingAdvice key={index} setting={setting} />
          ))}
          <p className="label px-3 py-1.5">{answer?.note}</p>
        </>
      )}
    </Card>
  );
}

function SettingAdvice({ setting }: { setting: Readonly<Record<string, unknown>> }) {
  const said = Object.entries(setting).filter(([, value]) => value !== null && typeof value !== "object");
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-3 py-2">
      {said.map(([name, value]) => (
        <div key={name} className="flex gap-1.5">
          <dt className="label">{name.replaceAll("_", " ")}</dt>
          <dd>{String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
