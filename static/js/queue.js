// The keys listed under "?", and ready-made notes filled in where the facilitator typed none. Without this file all works.
(() => {
  const typing = "textarea, select, input:not([type=radio], [type=checkbox])";
  const item = document.getElementById("item");
  let leaving = false; // one press, one step: what is pressed twice must not decide the next text

  const on = document.querySelector("[data-keys]") !== null;
  for (const control of on ? document.querySelectorAll("[data-key]") : []) {
    const { key } = control.dataset;
    control.setAttribute("aria-keyshortcuts", key);
    if (key === "?") control.parentElement.hidden = false;
    const hint = document.createElement("kbd");
    hint.className = "hint";
    hint.ariaHidden = "true";
    hint.textContent = key;
    if (control.labels?.length) control.after(hint);
    else control.append(hint);
  }

  const follow = (control) => {
    if (control.type === "radio") control.focus();
    control.click();
    const cover = control.closest(".cover");
    if (cover) for (const other of document.querySelectorAll(".cover")) other.open = cover.open;
    if (control.hash && control.pathname === location.pathname) {
      const part = document.querySelector(control.hash);
      (part.querySelector(":checked") ?? part.querySelector("input[type=radio], textarea")).focus();
    } else if (control.matches("a, button")) {
      leaving = true;
    }
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("#return textarea, #proposal textarea")) {
      target.form.requestSubmit(target.form.querySelector("button"));
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || leaving || !on) return;
    if (key === "Escape") item?.focus();
    // Looked up now: parts of a page that is brought up to date are exchanged.
    const control = document.querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`);
    if (!control || target.closest(typing)) return;
    if (target.closest("#return") && control.type !== "radio") return; // among the reasons only their numbers work
    event.preventDefault();
    follow(control);
  });

  const note = document.querySelector("#return textarea[name=note]");
  if (!note) return;
  const ready = [...document.querySelectorAll("input[data-note]")];
  document.addEventListener("change", (event) => {
    const words = event.target.dataset.note;
    if (words === undefined) return;
    const untouched = note.value === "" || ready.some((option) => option.dataset.note === note.value);
    if (untouched) note.value = words;
  });
})();
