// Replace variables in titles, texts and links: those of the board, and those of the cell that contains the link.
import { formattedValueToString } from "@grafana/data";

const VARIABLE = /\$\{([\w.]+|__data\.fields(?:\.\w+|\["[^"]+"\]|\[\d+\]))(?::(\w+))?\}|\$(\w+)/g;

/** Make the function that Grafana passes to panels: it replaces every known variable and keeps the others. */
export function replacing(values) {
  return (text, scoped = {}, format = undefined) =>
    (text ?? "").replace(VARIABLE, (whole, braced, own, bare) => {
      if (braced === "__url_time_range") {
        return "from=now&to=now"; // The page keeps its own period in its address.
      }
      const value = valueOf(braced ?? bare, values, scoped);
      return value === undefined ? whole : formatted(value, own ?? format);
    });
}

function valueOf(name, values, scoped) {
  if (name in values) {
    return values[name];
  }
  if (name.startsWith("__field.labels.")) {
    return scoped.__dataContext?.value.field.labels?.[name.slice("__field.labels.".length)];
  }
  const context = scoped.__dataContext?.value;
  if (!context) {
    return scoped[name]?.value;
  }
  if (name.startsWith("__data.fields")) {
    const [, asked] = /^__data\.fields(?:\.|\["?)([^"\]]+)/.exec(name);
    return cell(context.frame.fields.find((field, place) => field.name === asked || String(place) === asked), context);
  }
  if (name === "__value.text" || name === "__value.raw") {
    return cell(context.field, context, name === "__value.raw");
  }
  if (name === "__field.displayName" || name === "__series.name") {
    return context.field.state?.displayName ?? context.field.name;
  }
  return undefined;
}

function cell(field, { rowIndex }, raw = false) {
  const value = field?.values[rowIndex];
  return raw || value === undefined ? value : formattedValueToString(field.display(value));
}

function formatted(value, format) {
  const values = Array.isArray(value) ? value : [value];
  if (format === "uriencode" || format === "percentencode") {
    return values.map(encodeURIComponent).join(",");
  }
  return values.join(" + ");
}
