// The page's data: the boards, the choices, and every panel's answers, as `cafe dashboards preview` wrote them.
import { createDataFrame } from "@grafana/data";

/** Unpack the JSON in the page's element `answers`, which is gzipped and in base64. */
export async function unpackAnswers() {
  const text = document.getElementById("answers").textContent.trim();
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** The data frames of a panel for a choice. They are copies, so that no panel changes the frames of another. */
export function framesOf(pageData, board, panel, period, cafe) {
  const answers = pageData.answers[board.uid]?.[panel.id] ?? {};
  const indexes = answers[`${period}|${cafe}`] ?? answers[`${period}|`] ?? answers[`|${cafe}`] ?? answers["|"] ?? [];
  return indexes.map((index) => {
    const { refId, fields } = pageData.frames[index];
    return createDataFrame({ refId, fields: fields.map((field) => ({ config: {}, ...field, values: [...field.values] })) });
  });
}
