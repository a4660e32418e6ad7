// Brings the page up to date when the site says "look". Without this file the link "Check for new" does it.
(() => {
  const line = document.querySelector("[data-live]");
  if (!line) return;
  const link = line.querySelector("a"), status = line.querySelector("[role=status]"), check = link.textContent;
  const here = location.href.split("#")[0];
  const parts = (page) => page.querySelectorAll("[data-live-part]");
  const token = "input[name=csrfmiddlewaretoken]";
  let source, timer, asking, waiting, faults = 0;

  const isTyped = (field) => field.type !== "hidden" && (field.options
    ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked);
  const typed = (part) => [...part.querySelectorAll("input, select, textarea")].some(isTyped);
  const inUse = (part) => typed(part) || part.querySelector("details[open], dialog[open]")
    || part.querySelector("input:focus, select:focus, textarea:focus");

  const dropped = (node) => {
    const next = node.nextSibling;
    node.remove();
    return next;
  };

  // Make one element like another, touching only what differs: focus, place and open folds stay.
  const become = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== 1) return void (old.data = fresh.data);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const ids = new Map([...fresh.children].filter((one) => one.id).map((one) => [one.id, one]));
    for (const one of [...old.children]) if (one.id && !ids.has(one.id)) one.remove();
    const known = new Map([...old.children].map((one) => [one.id, one]));
    let at = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const same = next.id ? known.get(next.id) : at;
      while (next.id && same && at && at !== same && !at.id) at = dropped(at);
      if (!same || same.nodeName !== next.nodeName || (same.id || "") !== (next.id || "")) {
        old.insertBefore(next, at);
        continue;
      }
      if (same === at) at = at.nextSibling;
      else old.insertBefore(same, at);
      become(same, next);
    }
    while (at) at = dropped(at);
  };

  const say = (words, isNew) => {
    if (status.textContent !== words) status.textContent = words;
    link.textContent = isNew ? link.dataset.show : check;
  };

  // `asked` = somebody pressed "Show it": only what is being typed is then left alone.
  const show = (asked) => {
    const own = document.querySelector(token), left = [], focused = document.activeElement;
    let changed = false;
    for (const fresh of parts(waiting)) {
      const old = document.querySelector(`[data-live-part="${fresh.dataset.livePart}"]`);
      for (const field of fresh.querySelectorAll(token)) field.setAttribute("value", own ? own.value : field.value);
      if (!old || old.isEqualNode(fresh)) continue;
      if (asked ? typed(old) : inUse(old)) left.push(fresh);
      else become(old, fresh.cloneNode(true)), (changed = true);
    }
    if (focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
    if (left.length) say(status.dataset.new, true);
    else if (changed) say(status.dataset.done);
    else if (link.textContent !== check) say("");
  };

  const stop = () => {
    clearTimeout(timer);
    timer = null;
    if (source) source.close();
    if (asking) asking.abort();
    source = asking = null;
  };
  const later = (most) => (timer ??= setTimeout(look, Math.random() * most)); // not all at the same moment
  const muchLater = () => later(5000 * 2 ** Math.min(faults++, 4));

  const look = async () => {
    timer = null;
    asking = new AbortController();
    try {
      const answer = await fetch(here, { headers: { "X-Live": "1" }, redirect: "manual", signal: asking.signal });
      if (answer.type === "opaqueredirect" || answer.status === 404) return typed(document) || location.replace(here);
      if (!answer.ok) throw answer;
      waiting = new DOMParser().parseFromString(await answer.text(), "text/html");
      show();
      if (!waiting.querySelector("[data-live]")) stop(), line.remove();
      else if (!source || source.readyState === 2) begin();
    } catch {
      if (asking && !asking.signal.aborted) muchLater();
    }
  };

  const begin = () => {
    let isFirst = true;
    source = new EventSource(line.dataset.live);
    source.onopen = () => {
      faults = 0;
      if (!isFirst) later(3000);
      isFirst = false;
    };
    source.onmessage = () => later(+line.dataset.within);
    source.addEventListener("resync", () => later(10000));
    source.addEventListener("over", () => source.close() || later(500));
    source.onerror = () => source.readyState === 2 && muchLater();
  };

  link.addEventListener("click", (event) => {
    if (link.textContent === check) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("submit", (event) => event.target.matches("form.exit") && stop());
  addEventListener("pagehide", stop);
  // A tab in the background keeps no line open; back in front, it looks first.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : later(300)));
  if (!document.hidden) timer = setTimeout(() => ((timer = null), begin()), 1000);
})();
