import { useState } from "react";
import { useApi } from "../../api/queries";
import { linkTo, replaceWith, useRoute } from "../../app/route";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { PageTitle } from "../../ui/PageTitle";
import { Tabs } from "../../ui/Tabs";
import { Editor } from "./Editor";
import { FileCard } from "./FileCard";
import { SessionsCard } from "./SessionsCard";
import { State, Version } from "./StrategyList";
import { Versions } from "./Versions";
import { Told } from "../../documents/Told";
import { useStrategyWork } from "./useStrategyWork";
import type { KindSchema, Schemas } from "./kinds";
import type { JsonObject } from "../../documents/types";
import type { StrategyAnswer } from "./types";

/** One strategy: its settings and what they would do, its versions, its sessions, and itself as a file. */
export function StrategyPage({ id, schemas }: { id: string; schemas: Schemas }) {
  const query = useApi<StrategyAnswer>(`strategies/${encodeURIComponent(id)}`);
  const { query: asked } = useRoute();
  const [told, setTold] = useState("");
  const strategy = query.data?.data;
  const schema = strategy === undefined ? undefined : schemas.strategies[strategy.kind];
  return (
    <>
      <PageTitle beside={<Beside strategy={strategy} />}>
        <a href={linkTo("strategies")} className="text-dim underline decoration-dotted underline-offset-2 hover:text-text">
          Strategies
        </a>{" "}
        / {id}
      </PageTitle>
      <Told text={told} />
      {strategy === undefined || schema === undefined ? (
        <Card title={id} state={cardState(query)} />
      ) : (
        <Parts strategy={strategy} schema={schema} tab={asked.get("tab") ?? "settings"} onTold={setTold} />
      )}
    </>
  );
}

interface PartsProps {
  strategy: StrategyAnswer;
  schema: KindSchema;
  tab: string;
  onTold: (told: string) => void;
}

function Parts({ strategy, schema, tab, onTold }: PartsProps) {
  const stored = { document: strategy.document, version: strategy.version };
  const work = useStrategyWork(stored, schema.$defs.settings);
  const open = (wanted: string) => replaceWith(linkTo("strategies", [strategy.id], wanted === "settings" ? {} : { tab: wanted }));
  const imported = (document: JsonObject) => {
    work.restart(document, stored);
    onTold("The file is a draft now. Look at it, then review and apply.");
    open("settings");
  };
  return (
    <Tabs
      label={`Parts of ${strategy.id}`}
      value={tab}
      onValueChange={open}
      tabs={[
        {
          value: "settings",
          title: "Settings",
          content: (
            <Editor
              work={work}
              mode={strategy.mode}
              schema={schema}
              onApplied={(changed) => onTold(`Version ${changed.version} is stored. Decisions are made by it within 30 seconds.`)}
            />
          ),
        },
        { value: "versions", title: "Versions", content: <Versions strategy={strategy} onRestored={onTold} /> },
        { value: "sessions", title: "Sessions", content: <SessionsCard strategy={strategy} onStarted={onTold} /> },
        { value: "file", title: "File", content: <FileCard strategy={strategy} onDocument={imported} /> },
      ]}
    />
  );
}

function Beside({ strategy }: { strategy: StrategyAnswer | undefined }) {
  if (strategy === undefined) return null;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <State row={strategy} />
      <span className="text-dim">
        {strategy.kind} on {strategy.account}
      </span>
      {strategy.mode !== null && <Chip tone={strategy.mode === "live" ? "alarm" : "plain"}>{strategy.mode}</Chip>}
      <span className="text-dim">
        version <Version row={strategy} />
      </span>
    </span>
  );
}
