import { useApi } from "../../api/queries";
import { linkTo } from "../../app/route";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import { count } from "../../words/figures";
import { duration } from "../../words/times";
import { useNow } from "../../words/now";
import { wordsOf } from "./GateCard";
import type { Block, BlocksAnswer } from "./types";

const EVERY_MS = 10_000;

/** What stands in the way of entries now, and what said no within the last hour. */
export function BlocksCard() {
  const query = useApi<BlocksAnswer>("blocks", {}, { everyMs: EVERY_MS, staleMs: 2_000, keep: true });
  const answer = query.data?.data;
  const refusals = Object.entries(answer?.refusals.by_gate ?? {}).sort((one, other) => other[1] - one[1]);
  return (
    <Card title="In the way of entries" source="guards, switch, worker" atMs={answer?.time_ms} periodMs={EVERY_MS} state={cardState(query)}>
      {answer !== undefined && (
        <>
          {answer.blocks.length === 0 && (
            <p>
              <Chip tone="profit">✓ nothing</Chip> New entries may be made.
            </p>
          )}
          <ul className="flex flex-col gap-2">
            {answer.blocks.map((block) => (
              <BlockItem key={`${block.kind} ${block.scope}`} block={block} />
            ))}
          </ul>
          <h3 className="label mt-3">
            Refusals of the last hour{answer.refusals.truncated ? `, of the newest ${count(answer.refusals.decisions)} decisions` : ""}
          </h3>
          {refusals.length === 0 ? (
            <p className="text-dim">None.</p>
          ) : (
            <ul className="mt-1 flex flex-wrap gap-1.5">
              {refusals.map(([gate, times]) => (
                <li key={gate}>
                  <a className="inline-flex items-center gap-1 rounded border border-line-strong px-1.5 py-0.5 hover:bg-hover" href={linkTo("decisions", [], { gate })}>
                    {wordsOf(gate)} <span className="figure text-dim">{count(times)}</span>
                  </a>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Card>
  );
}

function BlockItem({ block }: { block: Block }) {
  const now = useNow();
  return (
    <li className="rounded border border-line bg-raised p-2">
      <div className="flex flex-wrap items-center gap-2">
        <Chip tone="warning">■ {wordsOf(block.kind)}</Chip>
        <span className="text-dim">{block.scope}</span>
        {block.since_ms !== null && (
          <span className="label ml-auto">
            since <Moment ms={block.since_ms} /> ({duration(Math.max(0, now - block.since_ms))})
          </span>
        )}
      </div>
      <p className="mt-1">{block.reason}</p>
      <p className="text-dim">Ends when {block.clears}.</p>
    </li>
  );
}
