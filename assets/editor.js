// The SPARQL editor: the text area of the page, with colours, prefixes and completion.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const KEYWORDS = ["SELECT", "DISTINCT", "WHERE", "FILTER", "OPTIONAL", "UNION", "GRAPH", "BIND", "VALUES", "MINUS", "ASK", "CONSTRUCT",
  "DESCRIBE", "ORDER BY", "GROUP BY", "HAVING", "LIMIT", "OFFSET", "COUNT", "EXISTS", "NOT EXISTS", "lang", "langMatches", "str", "regex"];

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--unsure)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.atom, tags.number], color: "var(--bad)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--soft)", borderRadius: "6px", fontSize: ".92rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-content": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", minHeight: "15rem", caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--soft)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--tint)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "var(--line) !important" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--soft)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
});

let words;
const complete = async (context) => {
  const before = context.matchBefore(/[\w:-]+/);
  if (!before && !context.explicit) return null;
  words ||= fetch((document.documentElement.dataset.static ?? "/") + "completions.json").then((answer) => answer.json());
  const terms = (await words).map(([name, label]) => ({ label: name, detail: label, type: name.startsWith("milia:") ? "property" : "constant" }));
  return { from: before ? before.from : context.pos, options: [...KEYWORDS.map((label) => ({ label, type: "keyword" })), ...terms], validFor: /^[\w:-]*$/ };
};

const area = document.querySelector("#query");
if (area) {
  // in a tree of its own, styles are sheets of script and no elements, which the policy of the page would refuse
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const inner = document.createElement("div");
  root.append(inner);
  area.after(host);
  const label = document.querySelector("label[for=query]").textContent;
  const view = new EditorView({
    root,
    parent: inner,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        autocompletion({ override: [complete] }), StreamLanguage.define(sparql), syntaxHighlighting(colours), look, EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label }),
        keymap.of([
          { key: "Mod-Enter", run: () => { area.form.requestSubmit(); return true; } },
          // Tab leaves the editor, so that nobody is caught in it by keyboard
          ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap,
        ]),
        EditorView.updateListener.of((update) => { if (update.docChanged) area.value = update.state.doc.toString(); }),
      ],
    }),
  });
  area.hidden = true;
  document.querySelector("label[for=query]").addEventListener("click", () => view.focus());
  host.dataset.editor = "ready";
}
