(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (form) {
    var articles = Array.prototype.slice.call(document.querySelectorAll("article"));
    var shown = document.getElementById("shown");
    var texts = null;
    // An article stands for all findings that are folded into it.
    var count = function (a) { return Number(a.dataset.findings); };
    var all = articles.reduce(function (n, a) { return n + count(a); }, 0);
    var apply = function () {
      var severities = {};
      form.querySelectorAll("[name=severity]").forEach(function (box) { severities[box.value] = box.checked; });
      var rule = form.elements.rule.value;
      var account = form.elements.account ? form.elements.account.value : "";
      var text = form.elements.text.value.trim().toLowerCase();
      if (text && !texts) { texts = articles.map(function (a) { return a.textContent.toLowerCase(); }); }
      var n = 0;
      articles.forEach(function (a, i) {
        var keep = severities[a.dataset.severity] && (!rule || a.dataset.rule === rule) &&
          (!account || a.dataset.accounts.split("\n").indexOf(account) >= 0) && (!text || texts[i].indexOf(text) >= 0);
        a.hidden = !keep;
        if (keep) { n += count(a); }
      });
      shown.textContent = n + " of " + all + " shown";
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.addEventListener("submit", function (e) { e.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(apply, 0); });
    apply();
    // A link to a finding that is filtered away, or folded into another, shows it.
    var reveal = function () {
      var target = location.hash && document.getElementById(location.hash.slice(1));
      if (!target) { return; }
      var article = target.closest("article");
      if (article && article.hidden) { form.reset(); article.hidden = false; }
      var folded = target.closest("details");
      if (folded) { folded.open = true; }
      target.scrollIntoView();
    };
    addEventListener("hashchange", reveal);
    reveal();
  }
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  });
})();
