// The keys listed under "?", and ready-made notes filled in where the facilitator typed none. Without this file all works.
(() => {
  const part = document.querySelector("[data-keys]");
  if (!part) return;
  part.focus({ preventScroll: true });

  part.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, textarea, select")) return;
    const target = part.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
    if (event.key.toLowerCase() === "r") part.querySelector("#return input[type=radio]").focus();
  });

  const note = part.querySelector("textarea[name=note]");
  if (!note) return;
  const ready = [...part.querySelectorAll("input[data-note]")];
  part.addEventListener("change", (event) => {
    const words = event.target.dataset.note;
    if (words === undefined) return;
    const untouched = note.value === "" || ready.some((option) => option.dataset.note === note.value);
    if (untouched) note.value = words;
  });
})();
