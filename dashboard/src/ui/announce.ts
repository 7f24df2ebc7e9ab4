import { useSyncExternalStore } from "react";

export type NoteTone = "info" | "good" | "warning" | "critical";

export interface Note {
  id: number;
  tone: NoteTone;
  title: string;
  text: string;
}

const MOST = 5;
let notes: readonly Note[] = [];
let next = 1;
const readers = new Set<() => void>();

function change(to: readonly Note[]): void {
  notes = to;
  for (const reader of readers) reader();
}

/** Shows a note in the corner and has it read aloud. The same words are not shown twice at once. */
export function announce(tone: NoteTone, title: string, text = ""): void {
  if (notes.some((note) => note.title === title && note.text === text)) return;
  change([...notes, { id: next++, tone, title, text }].slice(-MOST));
}

export function dismiss(id: number): void {
  change(notes.filter((note) => note.id !== id));
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

export function useNotes(): readonly Note[] {
  return useSyncExternalStore(subscribe, () => notes);
}
