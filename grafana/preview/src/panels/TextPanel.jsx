import { renderTextPanelMarkdown } from "@grafana/data";

/** Markdown, made safe by Grafana's own sanitizer. */
export function TextPanel({ options, height, replaceVariables }) {
  const html = renderTextPanelMarkdown(replaceVariables(options.content));
  return <div className="markdown-html" style={{ height, overflow: "auto" }} dangerouslySetInnerHTML={{ __html: html }} />;
}
