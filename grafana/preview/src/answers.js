// What the page was given: the boards, the choices, and every panel's answers, as `cafe dashboards preview` wrote them.
import { createDataFrame } from "@grafana/data";

/** Unpack the JSON that stands gzipped and in base64 in the page's element `answers`. */
export async function unpacked() {
  const text = document.getElementById("answers").textContent.trim();
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** The data frames of a panel for a choice: one per answer, fresh, so that no panel changes another's. */
export function framesOf(given, board, panel, period, cafe) {
  const answers = given.answers[board.uid]?.[panel.id] ?? {};
  const places = answers[`${period}|${cafe}`] ?? answers[`${period}|`] ?? answers[`|${cafe}`] ?? answers["|"] ?? [];
  return places.map((place) => {
    const { refId, fields } = given.frames[place];
    return createDataFrame({ refId, fields: fields.map((field) => ({ config: {}, ...field, values: [...field.values] })) });
  });
}
