// What Exit can't do by itself. Without this file the button still works.
(() => {
  const form = document.querySelector("form.exit");
  if (!form) return;
  const { away, home } = form.querySelector("button").dataset;

  // Until the other site answers, browsers go on showing this page: take its words away at once.
  // If our own server does not answer, go there without it; the notice to it is sent on its own.
  const tabs = new BroadcastChannel("leave");
  form.addEventListener("submit", () => {
    document.body.replaceChildren(form);
    tabs.postMessage("");
    if (!away) return;
    setTimeout(() => {
      navigator.sendBeacon(form.action);
      location.replace(away);
    }, 6000);
  });

  // Another tab was left by Exit: this one is signed out too. Pages kept for Back are dropped on this message.
  tabs.onmessage = () => {
    document.body.replaceChildren();
    location.replace(home);
  };

  // A blanked page that comes back all the same shows the front page.
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.body.firstElementChild === form) location.replace(home);
  });

  // Shift pressed three times within two seconds does what the button does.
  let pressed = [];
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") {
      pressed = [];
      return;
    }
    pressed = pressed.filter((when) => event.timeStamp - when < 2000).concat(event.timeStamp);
    if (pressed.length === 3) form.requestSubmit();
  });
})();
