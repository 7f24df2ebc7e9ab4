import { useState } from "react";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { NotAStrategy, fileText, readFileText, saveFile } from "./fileText";
import type { JsonObject } from "../../documents/types";
import type { StrategyAnswer } from "./types";

interface FileCardProps {
  strategy: StrategyAnswer | null;
  /** A file that was read: it becomes a draft, which is checked, compared and applied like any other. */
  onDocument: (document: JsonObject) => void;
}

/** A strategy as a file: out, and in again. */
export function FileCard({ strategy, onDocument }: FileCardProps) {
  const [text, setText] = useState("");
  const [flaw, setFlaw] = useState<string | null>(null);
  const take = (given: string) => {
    try {
      const document = readFileText(given);
      if (strategy !== null && document["id"] !== strategy.id) {
        setFlaw(`The file is of the strategy “${String(document["id"])}”, and this is ${strategy.id}. Import it from the list of strategies instead.`);
        return;
      }
      setFlaw(null);
      onDocument(document);
    } catch (error) {
      if (!(error instanceof NotAStrategy)) throw error;
      setFlaw(error.message);
    }
  };
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const given = await file.text();
    setText(given);
    take(given);
  };
  return (
    <Card title="File" source="JSON, as the command line reads and writes it">
      <div className="grid gap-4 md:grid-cols-2">
        {strategy !== null && (
          <section aria-label="Export" className="flex flex-col items-start gap-2">
            <h3 className="font-medium">Export</h3>
            <p className="text-dim">Version {strategy.version} as it is stored. It holds no secret.</p>
            <Button onClick={() => saveFile(`${strategy.id}-v${strategy.version}.json`, fileText(strategy.document))}>Save {strategy.id}.json</Button>
            <details className="w-full">
              <summary className="text-dim">Look at it</summary>
              <pre tabIndex={0} aria-label="The stored document" className="mt-1 max-h-96 overflow-auto rounded border border-line bg-ground p-2 font-mono text-xs">{fileText(strategy.document)}</pre>
            </details>
          </section>
        )}
        <section aria-label="Import" className="flex flex-col items-start gap-2">
          <h3 className="font-medium">Import</h3>
          <p className="text-dim">The file becomes a draft. It is checked and compared with what is stored before anything is applied.</p>
          <label className="flex flex-col gap-1 text-dim">
            Choose a file
            <input type="file" accept=".json,application/json" className="w-full rounded border border-line-strong bg-ground px-2 py-1.5 text-text" onChange={(event) => void read(event.target.files?.[0])} />
          </label>
          <label className="flex w-full flex-col gap-1 text-dim">
            Or paste it
            <textarea value={text} rows={6} spellCheck={false} onChange={(event) => setText(event.target.value)} className="w-full rounded border border-line-strong bg-ground p-2 font-mono text-xs text-text" />
          </label>
          <Button disabled={text.trim() === ""} onClick={() => take(text)}>
            Open as a draft
          </Button>
          {flaw !== null && (
            <p role="alert" className="text-danger">
              {flaw}
            </p>
          )}
        </section>
      </div>
    </Card>
  );
}
