document.title = "Undertow · ready";
