import { useApi } from "../../api/queries";
import { linkTo } from "../../app/route";
import { cardState } from "../../ui/Card";
import { Chip, type ChipTone } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { Delta } from "../../ui/Figure";
import { exact, percent, shortDollars } from "../../words/figures";
import { horizon, marginText, measured, PHASES, spoken, unknownText } from "./words";
import type { DecisionDetail, DecisionRow, GateRow } from "./types";

/** One decision in full, fetched when it is opened. */
export function GateChain({ row }: { row: DecisionRow }) {
  const query = useApi<DecisionDetail>(`decisions/${encodeURIComponent(row.id)}`, { account: row.account });
  const state = cardState(query);
  const detail = query.data?.data;
  if (state.kind === "error") return <p role="alert" className="p-3 text-danger">{state.problem.title}. {state.problem.detail}</p>;
  if (detail === undefined) return <p className="p-3 text-faint" aria-busy="true">Reading the record…</p>;
  return (
    <div className="sticky left-0 grid w-[min(100%,calc(100vw-1.75rem))] gap-x-6 gap-y-3 p-3 lg:grid-cols-[3fr_2fr]">
      <section aria-label="Gates in the order in which they were asked" className="flex min-w-0 flex-col gap-2">
        {detail.margin !== null && (
          <p className="border-l-2 border-loss pl-2">
            Failed by: <span className="figure whitespace-normal">{marginText(detail.margin)}</span>
          </p>
        )}
        {detail.chain.map((phase) => (
          <Phase key={phase.phase} name={PHASES[phase.phase] ?? phase.phase} gates={phase.gates} />
        ))}
      </section>
      <section aria-label="What was looked at" className="flex min-w-0 flex-col gap-3">
        <Story detail={detail} />
        <Figures title="Measured" figures={detail.decision.inputs} />
        <Figures title="Compared with" figures={detail.decision.thresholds} />
      </section>
    </div>
  );
}

const MARK: Record<GateRow["verdict"], { shape: string; look: string; word: string }> = {
  passed: { shape: "✓", look: "text-profit", word: "passed" },
  warned: { shape: "!", look: "text-warning", word: "passed with a warning" },
  refused: { shape: "✕", look: "text-loss font-semibold", word: "refused" },
  not_applicable: { shape: "–", look: "text-faint", word: "does not apply" },
  not_reached: { shape: "·", look: "text-faint", word: "not reached" },
};

/** A phase that passed whole, or was never reached, is one line; the one that failed shows its gates. */
function Phase({ name, gates }: { name: string; gates: readonly GateRow[] }) {
  const failed = gates.some((gate) => gate.verdict === "refused");
  const reached = gates.some((gate) => gate.verdict !== "not_reached");
  const verdict = failed ? "refused" : reached ? "passed" : "not_reached";
  return (
    <details open={failed || gates.some((gate) => gate.verdict === "warned")}>
      <summary className={reached ? "" : "text-faint"}>
        <Verdict verdict={verdict} /> {name} <span className="label">{gates.length} gates</span>
      </summary>
      <ol className="mt-1 ml-2 flex flex-col gap-0.5 border-l border-line pl-3">
        {gates.map((gate, index) => (
          <li key={`${gate.gate} ${index}`} className={gate.verdict === "not_reached" ? "text-faint" : ""}>
            <Verdict verdict={gate.verdict} /> {gate.title}
            <GateFigures gate={gate} />
          </li>
        ))}
      </ol>
    </details>
  );
}

function Verdict({ verdict }: { verdict: GateRow["verdict"] }) {
  const { shape, look, word } = MARK[verdict];
  return (
    <span className={`figure inline-block w-4 text-center ${look}`} title={word}>
      <span aria-hidden>{shape}</span>
      <span className="sr-only">{word}:</span>
    </span>
  );
}

function GateFigures({ gate }: { gate: GateRow }) {
  const told = [...Object.entries(gate.inputs), ...Object.entries(gate.limits)];
  if (told.length === 0) return null;
  return (
    <span className="label figure ml-1 whitespace-normal">
      {told.map(([name, text]) => `${spoken(name)} ${measured(name, text)}`).join(" · ")}
    </span>
  );
}

function Story({ detail }: { detail: DecisionDetail }) {
  const { decision, liquidation, order, after, position_id: position } = detail;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
      <dt className="label">Liquidation</dt>
      <dd>
        {liquidation === null ? (
          decision.inputs["trigger"] === "price" ? "none: the price reached a layer's level" : "no longer on the tape (kept for 30 days)"
        ) : (
          <>
            a {liquidation.liquidated} of {shortDollars(liquidation.value)} at <span className="figure">{exact(liquidation.price)}</span>, <Moment ms={liquidation.event_time_ms} full />
          </>
        )}
      </dd>
      <dt className="label">Decided</dt>
      <dd>
        {decision.delay_ms} ms later, parameters <span className="figure">{decision.params_version}</span>
      </dd>
      <dt className="label">Order</dt>
      <dd>
        {order === null ? "none was sent" : <>{order.state}, {exact(order.filled_quantity)} of {exact(order.quantity)} filled at a limit of <span className="figure">{exact(order.price)}</span></>}
        {position !== null && (
          <>
            {" · "}
            <a className="underline" href={linkTo("history", [], { tab: "trades", position })}>
              timeline of the position
            </a>
          </>
        )}
      </dd>
      <dt className="label">Price then, est.</dt>
      <dd className="flex flex-col gap-0.5">
        {after.after.map((then) => (
          <span key={then.minutes}>
            {horizon(then.minutes)}:{" "}
            {then.state === "known" ? (
              <>
                <span className="figure">{exact(then.price)}</span> <Delta value={then.in_favour_pct ?? then.change_pct} unit="percent" />{" "}
                <span className="label">
                  best {percent(then.best_pct, 2, true)}, worst {percent(then.worst_pct, 2, true)} {then.in_favour_pct === null ? "of the price" : `for a ${after.side?.toLowerCase() ?? ""}`}
                </span>
              </>
            ) : (
              <span className="text-faint">{unknownText(then)}</span>
            )}
          </span>
        ))}
        {after.missing !== null && <span className="label">Not known because {after.missing}.</span>}
      </dd>
    </dl>
  );
}

function Figures({ title, figures }: { title: string; figures: Record<string, string> }) {
  const rows = Object.entries(figures);
  if (rows.length === 0) return null;
  return (
    <div>
      <h3 className="label mb-1">{title}</h3>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-x-4">
        {rows.map(([name, text]) => (
          <div key={name} className="flex items-baseline justify-between gap-2 border-b border-line py-0.5">
            <dt className="truncate text-dim" title={name}>
              {spoken(name)}
            </dt>
            <dd className="figure truncate" title={text}>
              {measured(name, text)}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const TONES: Record<string, ChipTone> = { taken: "profit", refused: "plain", simulated: "reserved" };

export function OutcomeChip({ outcome }: { outcome: string }) {
  return <Chip tone={TONES[outcome] ?? "plain"}>{outcome}</Chip>;
}
