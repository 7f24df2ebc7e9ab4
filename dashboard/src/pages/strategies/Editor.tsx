import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { CheckField } from "../../ui/Field";
import { ApplyDialog, Warnings } from "./ApplyDialog";
import { BASE, withSymbol, withoutSymbol, type Scope } from "./draft";
import { MovedDialog } from "./MovedDialog";
import { PreviewCard } from "./PreviewCard";
import { ScopePicker } from "./ScopePicker";
import { SettingsForm } from "./SettingsForm";
import { useChecked, useSettled } from "./useDraftCheck";
import type { KindSchema } from "./schema";
import type { Work } from "./useWork";
import type { Changed, JsonObject } from "./types";

interface EditorProps {
  work: Work;
  mode: string | null;
  schema: KindSchema;
  onApplied: (changed: Changed) => void;
}

/** The form over a draft, what the draft would do, and the way into force. Nothing is stored before it is applied. */
export function Editor({ work, mode, schema, onApplied }: EditorProps) {
  const client = useQueryClient();
  const { draft, ground, document, changes, change, restart } = work;
  const [scope, setScope] = useState<Scope>(BASE);
  const [previewed, setPreviewed] = useState("");
  const [dialog, setDialog] = useState<"none" | "apply" | "moved">("none");

  const typed = JSON.stringify(document);
  const text = useSettled(typed);
  const checked = useChecked(text);
  const answer = checked.data?.data;
  const flaws = answer?.flaws ?? [];
  const stored = ground.version === 0 ? null : ground.document;
  const settled = text === typed && !checked.isPlaceholderData && !checked.isFetching;
  const valid = answer?.valid === true && !checked.isPlaceholderData;
  const symbols = Object.keys(draft.symbols);
  const symbol = scope.kind === "symbol" ? scope.symbol : symbols.includes(previewed) ? previewed : (symbols[0] ?? "");

  const applied = (changed: Changed) => {
    restart(changed.document, { document: changed.document, version: changed.version });
    setDialog("none");
    void client.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith("strategies") || query.queryKey[0] === "sessions" });
    onApplied(changed);
  };

  const chosen = (fresh: JsonObject, version: number, from: JsonObject) => {
    restart(fresh, { document: from, version });
    setDialog("none");
  };

  return (
    <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_31rem]">
      <Card title={ground.version === 0 ? "New strategy" : "Settings"} source={ground.version === 0 ? "draft, stored nowhere" : `draft over version ${ground.version}`} className="min-w-0">
        <div className="flex flex-col gap-3">
          {work.overtaken && (
            <p role="alert" className="flex flex-wrap items-center gap-2 rounded bg-warning-soft px-3 py-2">
              <span className="text-warning">Somebody stored a newer version while you were at it.</span>
              <Button small onClick={() => setDialog("moved")}>
                Look at what changed
              </Button>
            </p>
          )}
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
        <PreviewCard text={text} symbols={symbols} symbol={symbol} valid={valid} onSymbol={(one) => (scope.kind === "symbol" ? setScope({ kind: "symbol", symbol: one }) : setPreviewed(one))} />
        {answer !== undefined && answer.warnings.length > 0 && <Warnings warnings={answer.warnings} />}
      </div>
      <ApplyBar
        changes={changes}
        wrong={flaws.length}
        fresh={ground.version === 0}
        checking={!settled}
        failed={checked.isError ? checked.error.title : null}
        onDrop={() => restart(ground.document, ground)}
        onReview={() => setDialog("apply")}
        ready={settled && valid && changes > 0}
      />
      {dialog === "apply" && (
        <ApplyDialog
          version={ground.version}
          stored={stored}
          draft={document}
          mode={mode}
          warnings={answer?.warnings ?? []}
          onClose={() => setDialog("none")}
          onApplied={applied}
          onMoved={() => setDialog("moved")}
        />
      )}
      {dialog === "moved" && <MovedDialog id={draft.id} original={ground.document} mine={document} onClose={() => setDialog("none")} onChosen={chosen} />}
    </div>
  );
}

interface ApplyBarProps {
  changes: number;
  wrong: number;
  fresh: boolean;
  checking: boolean;
  failed: string | null;
  ready: boolean;
  onDrop: () => void;
  onReview: () => void;
}

function ApplyBar({ changes, wrong, fresh, checking, failed, ready, onDrop, onReview }: ApplyBarProps) {
  return (
    <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-2 border-t border-line-strong bg-panel px-3 py-2 xl:col-span-2">
      <p role="status" className={wrong > 0 || failed !== null ? "text-danger" : "text-dim"}>
        {failed !== null ? `Not checked: ${failed}.` : wrong > 0 ? `✕ ${wrong} to mend before it can be applied.` : checking ? "Checking…" : told(changes, fresh)}
      </p>
      <div className="ml-auto flex gap-2">
        <Button disabled={changes === 0 || fresh} onClick={onDrop}>
          Drop my changes
        </Button>
        <Button tone="primary" disabled={!ready} onClick={onReview}>
          Review {fresh ? "and create" : "and apply"}
        </Button>
      </div>
    </div>
  );
}

function told(changes: number, fresh: boolean): string {
  if (fresh) return "The draft is admissible. It is stored nowhere yet.";
  return changes === 0 ? "Nothing is changed." : `${changes} ${changes === 1 ? "setting differs" : "settings differ"} from what is stored.`;
}
