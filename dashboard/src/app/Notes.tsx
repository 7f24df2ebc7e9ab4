import { useEffect } from "react";
import { dismiss, useNotes, type Note, type NoteTone } from "../ui/announce";

const SHOWN_MS = 6_000;
const EDGE: Record<NoteTone, string> = {
  info: "border-l-reserved",
  good: "border-l-profit",
  warning: "border-l-warning",
  critical: "border-l-danger bg-danger-soft",
};

/** Notes in the corner. What is critical stays until it is put away; the rest leaves by itself. */
export function Notes() {
  const notes = useNotes();
  const calm = notes.filter((note) => note.tone !== "critical");
  const critical = notes.filter((note) => note.tone === "critical");
  return (
    <div className="pointer-events-none fixed right-3 bottom-3 left-3 z-60 flex flex-col items-end gap-2 sm:left-auto">
      <div role="alert" className="flex w-full flex-col items-end gap-2 empty:hidden">
        {critical.map((note) => (
          <NoteRow key={note.id} note={note} />
        ))}
      </div>
      <div role="status" aria-live="polite" className="flex w-full flex-col items-end gap-2">
        {calm.map((note) => (
          <NoteRow key={note.id} note={note} />
        ))}
      </div>
    </div>
  );
}

function NoteRow({ note }: { note: Note }) {
  const stays = note.tone === "critical";
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(() => dismiss(note.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [note.id, stays]);
  return (
    <div className={`pointer-events-auto flex w-full max-w-sm items-start gap-3 rounded-md border border-l-4 bg-raised px-3 py-2 shadow-lg ${EDGE[note.tone]}`}>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{note.title}</p>
        {note.text !== "" && <p className="text-dim">{note.text}</p>}
      </div>
      <button type="button" className="px-1 text-dim hover:text-text" aria-label={`Put away: ${note.title}`} onClick={() => dismiss(note.id)}>
        ✕
      </button>
    </div>
  );
}
