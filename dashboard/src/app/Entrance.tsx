import { useEffect, useState, type FormEvent } from "react";
import { lastRefusal, signIn } from "../api/session";
import { fetchFonts } from "../theme/fonts";
import { Button } from "../ui/Button";

/** Where a reader without a token lands. */
export function Entrance({ onEntered }: { onEntered: () => void }) {
  const [text, setText] = useState("");
  const refusal = lastRefusal();
  useEffect(() => void fetchFonts(), []);

  const enter = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    onEntered();
    signIn(text);
  };

  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-4 p-6">
      <h1 className="text-xl font-semibold tracking-tight">Undertow</h1>
      <p className="text-dim">Enter an access token. It stays in this browser tab and is forgotten when the tab is closed.</p>
      <form onSubmit={enter} className="flex flex-col gap-3">
        <label htmlFor="token" className="label">
          Access token
        </label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="figure h-9 rounded border border-line-strong bg-panel px-3"
        />
        <Button type="submit" tone="primary">
          Open the desk
        </Button>
        {refusal !== null && (
          <p role="alert" className="text-danger">
            {refusal}
          </p>
        )}
      </form>
      <p className="text-faint">
        Make a token with <code className="figure">make token</code>. What it may do is decided there.
      </p>
    </main>
  );
}
