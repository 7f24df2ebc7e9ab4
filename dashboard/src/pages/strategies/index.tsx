import { useState } from "react";
import { useApi } from "../../api/queries";
import { goTo, linkTo, useRoute } from "../../app/route";
import { buttonLook } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { Editor } from "./Editor";
import { NewStrategy } from "./NewStrategy";
import { StrategyList } from "./StrategyList";
import { StrategyPage } from "./StrategyPage";
import { useStrategyWork } from "./useStrategyWork";
import type { KindSchema, Schemas } from "./kinds";
import type { JsonObject } from "../../documents/types";
import type { Setup, Strategies } from "./types";

const DAY_MS = 24 * 3_600_000;
const NAME = "^[a-z0-9][a-z0-9-]{0,31}$";
/** No strategy can have this name: it does not begin with a letter or a digit. */
const NEW = "-new";

export default function StrategiesPage() {
  const { parts } = useRoute();
  const [id] = parts;
  const schemas = useApi<Schemas>("strategies/schema", {}, { staleMs: DAY_MS });
  if (id === undefined) return <Overview />;
  if (schemas.data === undefined) return <Card title="Strategy" state={cardState(schemas)} />;
  if (id === NEW) return <NewOne schemas={schemas.data.data} />;
  return <StrategyPage key={id} id={id} schemas={schemas.data.data} />;
}

function Overview() {
  return (
    <>
      <PageTitle
        beside={
          <a href={linkTo("strategies", [NEW])} className={`${buttonLook("plain", true)} ml-auto`}>
            New strategy
          </a>
        }
      >
        Strategies
      </PageTitle>
      <StrategyList />
    </>
  );
}

function NewOne({ schemas }: { schemas: Schemas }) {
  const [start, setStart] = useState<JsonObject | null>(null);
  const list = useApi<Strategies>("strategies");
  const settings = useApi<Setup>("settings");
  const accounts = settings.data?.data.accounts ?? [];
  const kind = schemas.strategies[String(start?.["kind"] ?? "")];
  const taken = list.data?.data.strategies.map((one) => one.id) ?? [];
  const isTaken = start !== null && taken.includes(String(start["id"]));
  return (
    <>
      <PageTitle>
        <a href={linkTo("strategies")} className="text-dim underline decoration-dotted underline-offset-2 hover:text-text">
          Strategies
        </a>{" "}
        / {start === null ? "new" : String(start["id"])}
      </PageTitle>
      {settings.data === undefined || list.data === undefined ? (
        <Card title="New strategy" state={settings.data === undefined ? cardState(settings) : cardState(list)} />
      ) : start === null || kind === undefined || isTaken ? (
        <>
          {isTaken && (
            <p role="alert" className="mb-2 text-danger">
              There is a strategy {String(start["id"])} already. Open it, and import the file there.
            </p>
          )}
          {start !== null && kind === undefined && (
            <p role="alert" className="mb-2 text-danger">
              The file says no kind that there is: {Object.keys(schemas.strategies).join(", ")}.
            </p>
          )}
          <NewStrategy
            kinds={Object.keys(schemas.strategies)}
            accounts={accounts.map((one) => one.account)}
            taken={taken}
            namePattern={Object.values(schemas.strategies)[0]?.properties["id"]?.pattern ?? NAME}
            onStart={setStart}
          />
        </>
      ) : (
        <FreshEditor key={String(start["id"])} start={start} mode={accounts.find((one) => one.account === start["account"])?.mode ?? null} schema={kind} />
      )}
    </>
  );
}

function FreshEditor({ start, mode, schema }: { start: JsonObject; mode: string | null; schema: KindSchema }) {
  const work = useStrategyWork({ document: start, version: 0 }, schema.$defs.settings);
  return <Editor work={work} mode={mode} schema={schema} onApplied={(changed) => goTo(linkTo("strategies", [changed.name]))} />;
}
