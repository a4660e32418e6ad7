// Shows what needs JavaScript, and says in words when the browser's passkey dialog failed or was closed.
document.querySelectorAll(".needs-script").forEach((element) => {
  element.hidden = false;
});
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey_trouble").hidden = false;
});
