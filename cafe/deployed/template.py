"""Read the template of the checkout."""

from typing import Any

from cafe.local.layout import checkout


def read_template() -> dict[str, Any]:
    """Read template.yaml as SAM does, with intrinsic functions in their long form."""
    # Imported here because it takes half a second.
    from samtranslator.yaml_helper import yaml_parse

    template: dict[str, Any] = yaml_parse((checkout().root / "template.yaml").read_text(encoding="utf-8"))
    return template
