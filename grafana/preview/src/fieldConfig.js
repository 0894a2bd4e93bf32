// The field options that every panel knows. Grafana's server application registers them; its packages do not.
import {
  FieldColorModeId,
  ThresholdsMode,
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from "@grafana/data";

/** An option as the registries hold it. Nobody edits a board here, so that no option has an editor. */
const option = (path, process, defaultValue, shouldApply = () => true, category = ["Standard"]) => ({
  id: path,
  path,
  name: path,
  category,
  process,
  defaultValue,
  shouldApply,
  editor: () => null,
  override: () => null,
  getItemsCount: () => 0,
});

const numeric = (field) => field.type === "number";
const DEFAULT_THRESHOLDS = {
  mode: ThresholdsMode.Absolute,
  steps: [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ],
};

standardEditorsRegistry.setInit(() => []);
standardFieldConfigEditorRegistry.setInit(() => [
  { ...option("displayName", displayNameOverrideProcessor), settings: { expandTemplateVars: true } },
  option("description", stringOverrideProcessor),
  option("unit", unitOverrideProcessor, undefined, numeric),
  option("min", numberOverrideProcessor, undefined, numeric),
  option("max", numberOverrideProcessor, undefined, numeric),
  option("fieldMinMax", booleanOverrideProcessor, undefined, numeric),
  option("decimals", numberOverrideProcessor, undefined, numeric),
  option("noValue", stringOverrideProcessor),
  option("color", identityOverrideProcessor, { mode: FieldColorModeId.Thresholds }),
  option("thresholds", thresholdsOverrideProcessor, DEFAULT_THRESHOLDS, numeric),
  option("mappings", valueMappingsOverrideProcessor, []),
  option("links", dataLinksOverrideProcessor),
  option("actions", identityOverrideProcessor),
]);

/** A panel's own field options, with what Grafana's panel of that type takes where a board says nothing. */
export function customOptions(defaults) {
  return (builder) =>
    Object.entries(defaults).forEach(([path, value]) =>
      builder.addCustomEditor(option(path, identityOverrideProcessor, value ?? undefined, () => true, ["Own"])),
    );
}
