// The field options that every panel has. Grafana's application registers them; its packages do not.
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

/** An option in the form of the registries. Nobody edits a board here, so no option has an editor. */
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

/** The field options of one panel type, with Grafana's defaults for that type. */
export function customOptions(defaults) {
  return (builder) =>
    Object.entries(defaults).forEach(([path, value]) =>
      builder.addCustomEditor(option(path, identityOverrideProcessor, value ?? undefined, () => true, ["Own"])),
    );
}
