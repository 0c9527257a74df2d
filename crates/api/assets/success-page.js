// @ts-check
import { handleStatusResponse, pollPaymentStatus } from "./success.js";

const sessionId = new URLSearchParams(location.search).get("session_id");

function look() {
  if (sessionId) {
    void pollPaymentStatus(sessionId);
  } else {
    handleStatusResponse({ status: "not_found" });
  }
}

document.getElementById("look-again")?.addEventListener("click", () => {
  // The button goes away, so the focus would be lost.
  document.getElementById("headline")?.focus();
  look();
});
// Who comes back to a page that had given up wants to know, without having to ask.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && document.getElementById("status")?.dataset.status === "timeout") {
    look();
  }
});
look();
