import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Applying } from "../../documents/Applying";
import { Warnings } from "../../documents/Findings";
import type { Changed } from "../../documents/types";
import { useChecked } from "../../documents/useChecked";
import type { Work } from "../../documents/useWork";
import { Card } from "../../ui/Card";
import { CheckField } from "../../ui/Field";
import { BASE, withSymbol, withoutSymbol, type Draft, type Scope } from "./draft";
import type { KindSchema } from "./kinds";
import { PreviewCard } from "./PreviewCard";
import { ScopePicker } from "./ScopePicker";
import { SettingsForm } from "./SettingsForm";

interface EditorProps {
  work: Work<Draft>;
  mode: string | null;
  schema: KindSchema;
  onApplied: (changed: Changed) => void;
}

/** The form over a draft, what the draft would do, and the way into force. Nothing is stored before it is applied. */
export function Editor({ work, mode, schema, onApplied }: EditorProps) {
  const client = useQueryClient();
  const { draft, ground, document, change } = work;
  const [scope, setScope] = useState<Scope>(BASE);
  const [previewed, setPreviewed] = useState("");
  const verdict = useChecked("strategies/validate", document);
  const { flaws } = verdict;
  const symbols = Object.keys(draft.symbols);
  const symbol = scope.kind === "symbol" ? scope.symbol : symbols.includes(previewed) ? previewed : (symbols[0] ?? "");
  const path = `strategies/${encodeURIComponent(draft.id)}`;

  const applied = (changed: Changed) => {
    void client.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith("strategies") || query.queryKey[0] === "sessions" });
    onApplied(changed);
  };

  return (
    <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_31rem]">
      <Card title={ground.version === 0 ? "New strategy" : "Settings"} source={ground.version === 0 ? "draft, stored nowhere" : `draft over version ${ground.version}`} className="min-w-0">
        <div className="flex flex-col gap-3">
          <CheckField label="On: the strategy may trade" checked={draft.enabled} onChange={(enabled) => change((before) => ({ ...before, enabled }))} hint="Off: it is still measured, and decisions say so. Open positions stay protected." />
          <ScopePicker
            draft={draft}
            scope={scope}
            flaws={flaws}
            symbolPattern={schema.properties["symbols"]?.propertyNames?.pattern ?? "."}
            onScope={setScope}
            onAdd={(added) => {
              change((before) => withSymbol(before, added));
              setPreviewed(added);
            }}
            onRemove={(removed) => {
              setScope(BASE);
              change((before) => withoutSymbol(before, removed));
            }}
            disabled={false}
          />
          <SettingsForm draft={draft} scope={scope} schema={schema.$defs.settings} flaws={flaws} onDraft={change} />
        </div>
      </Card>
      <div className="flex min-w-0 flex-col gap-3 xl:sticky xl:top-14">
        <PreviewCard text={verdict.text} symbols={symbols} symbol={symbol} valid={verdict.valid} onSymbol={(one) => (scope.kind === "symbol" ? setScope({ kind: "symbol", symbol: one }) : setPreviewed(one))} />
        {verdict.warnings.length > 0 && <Warnings warnings={verdict.warnings} />}
      </div>
      <Applying
        work={work}
        verdict={verdict}
        name={draft.id}
        path={path}
        title={ground.version === 0 ? `Create ${draft.id}` : `Apply version ${ground.version + 1} of ${draft.id}`}
        description={
          <p>
            It trades on account <strong className="text-text">{draft.account}</strong>
            {mode !== null && <> ({mode})</>}. Decisions are made by it within 30 seconds. Open positions keep the stop and target they have, until those are moved.
          </p>
        }
        request={(confirmed) => ({ method: "PUT", path, body: confirmed ? { ...document, confirm: true } : document })}
        onApplied={applied}
      />
    </div>
  );
}
