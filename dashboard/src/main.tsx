import "./theme/theme.css";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { applyTheme, chosenTheme } from "./theme/choice";
import { applyDensity, chosenDensity } from "./theme/comfort";

applyTheme(chosenTheme());
applyDensity(chosenDensity());

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id root");
// As a transition the page is built in short steps: a finger on the screen is never kept waiting for all of it.
startTransition(() =>
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
