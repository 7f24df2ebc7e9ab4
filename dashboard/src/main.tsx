import "./theme/theme.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { applyTheme, chosenTheme } from "./theme/choice";
import { applyDensity, chosenDensity } from "./theme/comfort";

applyTheme(chosenTheme());
applyDensity(chosenDensity());

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
