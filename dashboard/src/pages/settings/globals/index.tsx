import { useMemo, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../../api/queries";
import { linkTo } from "../../../app/route";
import { Applying } from "../../../documents/Applying";
import { Warnings } from "../../../documents/Findings";
import { flawWords } from "../../../documents/flaws";
import { Told } from "../../../documents/Told";
import type { JsonObject } from "../../../documents/types";
import { useChecked } from "../../../documents/useChecked";
import { useWork, type Form, type Ground, type Unfinished } from "../../../documents/useWork";
import { Card, cardState } from "../../../ui/Card";
import { PageTitle } from "../../../ui/PageTitle";
import type { Me, Setup, StoredGlobals } from "../types";
import { documentOf, typedOf, type Typed } from "./draft";
import { homeless } from "./findings";
import { GlobalsForm } from "./GlobalsForm";
import { wholeOf, type GlobalsSchema, type Node } from "./shape";

const DAY_MS = 24 * 3_600_000;
const NAME = "the account-wide settings";
const PATH = "config/globals";
const UNFINISHED: Unfinished<Typed> = new Map();

/** Limits of the accounts, alerts, and what else holds for every strategy. */
export default function GlobalsPage({ me }: { me: Me | undefined }) {
  const stored = useApi<StoredGlobals>(PATH);
  const schemas = useApi<{ globals: GlobalsSchema }>("strategies/schema", {}, { staleMs: DAY_MS });
  const accounts = useApi<Setup>("settings").data?.data.accounts ?? [];
  const [told, setTold] = useState("");
  const ground = stored.data?.data;
  const schema = schemas.data?.data.globals;
  return (
    <>
      <PageTitle beside={ground !== undefined && <span className="text-dim">version {ground.version}</span>}>
        <a href={linkTo("settings")} className="text-dim underline decoration-dotted underline-offset-2 hover:text-text">
          Settings
        </a>{" "}
        / account-wide
      </PageTitle>
      <Told text={told} />
      {ground === undefined || schema === undefined ? (
        <Card title="Account-wide settings" state={ground === undefined ? cardState(stored) : cardState(schemas)} />
      ) : (
        <Editor
          ground={ground}
          schema={schema}
          accounts={accounts.map((one) => `${one.account} (${one.mode})`)}
          mayWrite={me?.scopes.includes("write") ?? false}
          onTold={setTold}
        />
      )}
    </>
  );
}

interface EditorProps {
  ground: Ground;
  schema: GlobalsSchema;
  /** With their modes: whom a change concerns. */
  accounts: readonly string[];
  mayWrite: boolean;
  onTold: (told: string) => void;
}

function Editor({ ground, schema, accounts, mayWrite, onTold }: EditorProps) {
  const client = useQueryClient();
  const whole = useMemo(() => wholeOf(schema), [schema]);
  const form = useMemo(() => formOf(whole), [whole]);
  const work = useWork(NAME, ground, form, UNFINISHED);
  const { draft, document, change } = work;
  const verdict = useChecked("config/validate", document);
  const elsewhere = homeless(whole, draft, verdict.flaws);
  return (
    <div className="flex flex-col gap-3">
      <Card title="Account-wide settings" source={`draft over version ${work.ground.version}`}>
        <div className="flex flex-col gap-3">
          {!mayWrite && <p className="text-warning">This token may look at them. Changing them needs the scope write.</p>}
          {elsewhere.length > 0 && (
            <ul role="alert" className="list-disc pl-4 text-danger">
              {elsewhere.map((flaw) => (
                <li key={flaw.field}>
                  <span className="figure">{flaw.field}</span>: {flawWords(flaw)}
                </li>
              ))}
            </ul>
          )}
          <GlobalsForm whole={whole} typed={draft} flaws={verdict.flaws} onTyped={change} disabled={!mayWrite} />
          {verdict.warnings.length > 0 && <Warnings warnings={verdict.warnings} />}
        </div>
      </Card>
      <Applying
        work={work}
        verdict={verdict}
        name={NAME}
        path={PATH}
        title={`Apply version ${work.ground.version + 1} of ${NAME}`}
        description={
          <p>
            They hold for <strong className="text-text">{accounts.join(", ")}</strong> and every strategy there. Decisions are made by them within 30 seconds. Open positions keep the stop and target they have.
          </p>
        }
        request={(confirmed) => ({ path: "config", body: confirmed ? { globals: document, confirm: true } : { globals: document } })}
        onApplied={(changed) => {
          void client.invalidateQueries();
          onTold(`Version ${changed.version} is stored. Decisions are made by it within 30 seconds.`);
        }}
      />
    </div>
  );
}

function formOf(whole: Node): Form<Typed> {
  return { draftOf: (document: JsonObject) => typedOf(whole, document), documentOf: (typed: Typed) => documentOf(whole, typed) };
}
